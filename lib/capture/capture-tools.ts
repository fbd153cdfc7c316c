import type { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { CaptureOptions } from '../options/webhooks-options.js';
import type { NamedStatements } from '../postgres/named-statements.js';
import type { CaptureDialect } from './capture-dialect.js';
import type { ImageReader } from './image-reader.js';
import type { Journals } from './journals.js';
import type { TrackedSchema } from './tracked-schema.js';
import type { Watch } from './watch.js';

/** What the parts of capture share, one set a data source. */
export interface CaptureTools {
  readonly dataSource: DataSource;
  readonly dialect: CaptureDialect;
  readonly schema: TrackedSchema;
  readonly reader: ImageReader;
  readonly journals: Journals;
  readonly watch: Watch;
  readonly statements: NamedStatements;
  readonly options: Required<CaptureOptions>;
  readonly logger: Pick<Logger, 'debug' | 'warn' | 'error'>;
}
