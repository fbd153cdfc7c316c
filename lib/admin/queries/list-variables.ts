import { fromJsonText } from '../../common/json-text.js';
import type { PreviewSubject } from '../../webhooks/preview-subject.js';

/** A name that templates can use, with what it holds for an example. */
export interface TemplateVariable {
  /** As a template writes it: `data.site.name`. */
  readonly name: string;
  /** Short JSON text. */
  readonly example: string;
}

const DEPTH = 3;
const MOST = 200;
const SHOWN = 60;
const NAME = /^[A-Za-z_]\w*$/;

/** The variables of templates for a model, read off an event or a sample. */
export function listVariables(subject: PreviewSubject): TemplateVariable[] {
  const snapshots = {
    prechange: fromJsonText(subject.prechange ?? subject.postchange),
    postchange: fromJsonText(subject.postchange ?? subject.prechange),
  };
  const variables = [
    ['event', subject.event],
    ['model', subject.model],
    ['timestamp', subject.timestamp],
    ['username', subject.username],
    ['request_id', subject.requestId],
    ['changed', subject.changed],
    ...paths('data', fromJsonText(subject.data), DEPTH),
    ...paths('snapshots.prechange', snapshots.prechange, 1),
    ...paths('snapshots.postchange', snapshots.postchange, 1),
  ] as readonly (readonly [string, unknown])[];
  return variables.slice(0, MOST).map(([name, value]) => ({ name, example: shorten(value) }));
}

function paths(name: string, value: unknown, depth: number): [string, unknown][] {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[name, value]];
  }
  return Object.entries(value).flatMap(([key, child]) =>
    paths(NAME.test(key) ? `${name}.${key}` : `${name}[${JSON.stringify(key)}]`, child, depth - 1),
  );
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
