/** An object as an event would show it now. */
export interface PreviewObject {
  readonly objectId: string;
  /** JSON text. */
  readonly data: string;
  /** JSON text of the flat snapshot. */
  readonly snapshot: string;
}

/** The port through which previews see objects; capture, which knows how, stands behind it. */
export interface PreviewObjects {
  /** An object of a model, the one with the highest key if no id is given; `undefined` if there is none. */
  read(model: string, objectId?: string): Promise<PreviewObject | undefined>;
  /** An object of a model made up from its columns. */
  sample(model: string): PreviewObject;
}

/** Token of {@link PreviewObjects}. */
export const PREVIEW_OBJECTS = Symbol('nestjs-webhooks:preview-objects');
