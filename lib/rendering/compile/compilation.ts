import type { Rendering } from '../runtime/rendering.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import type { Value } from '../values/value.js';

/** A compiled expression. */
export type Evaluate = (rendering: Rendering) => Value;
/** A compiled statement: writes into the rendering. */
export type Execute = (rendering: Rendering) => void;

/** What compiling a node needs of compiling its parts. */
export interface Compilation {
  /** Values that are not there are errors. */
  readonly strict: boolean;
  /** Compiles an expression; undefined stays undefined in it even in strict templates when `lenient`. */
  expression(node: SyntaxNode, lenient?: boolean): Evaluate;
  /** Compiles a list of statements. */
  body(node: SyntaxNode | null | undefined): Execute;
}

/** Compiles the nodes of one type. */
export type Compile<Result> = (node: SyntaxNode, compilation: Compilation, lenient: boolean) => Result;
