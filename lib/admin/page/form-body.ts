/**
 * A form as it was sent. Platforms parse forms differently (lists, prototypes, brackets), so that names are flat and
 * every value is read through here.
 */
export class FormBody {
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(body: unknown) {
    this.fields = typeof body === 'object' && body !== null ? { ...body } : {};
  }

  /** The field's text; empty without one. Lines end in `\n`. */
  text(name: string): string {
    const value = this.texts(name)[0] ?? '';
    return value.replaceAll('\r\n', '\n');
  }

  /** All texts of a field that may be repeated. */
  texts(name: string): string[] {
    const value = this.fields[name];
    const values: unknown[] =
      typeof value === 'object' && value !== null ? Object.values(value) : value === undefined ? [] : [value];
    return values.filter((one) => typeof one === 'string');
  }

  /** Whether a box is ticked. */
  ticked(name: string): boolean {
    return this.texts(name).length > 0;
  }
}
