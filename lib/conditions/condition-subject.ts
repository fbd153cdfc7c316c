/** What conditions are evaluated against: one event. Values are plain JSON; only own properties are read. */
export interface ConditionSubject {
  /** The object as the REST API would show it. Paths start here. */
  readonly data: unknown;
  /** The flat states around the change; `prechange` is null on create, `postchange` on delete. */
  readonly snapshots: { readonly prechange: unknown; readonly postchange: unknown } | null | undefined;
  /** `create`, `update` or `delete`; read as `$event`. */
  readonly event?: string | undefined;
  /** The model's name; read as `$model`. */
  readonly model?: string | undefined;
  /** Who made the change, null outside a request; read as `$username`. */
  readonly username?: string | null | undefined;
  /** Names of the changed fields; read as `$changed`. */
  readonly changed?: readonly string[] | undefined;
}
