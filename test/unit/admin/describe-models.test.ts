import { ChildEntity, Column, DataSource, Entity, PrimaryGeneratedColumn, TableInheritance } from 'typeorm';
import { expect, it } from 'vitest';
import { describeModels } from '../../../lib/admin/queries/describe-models.js';
import { WebhookEntity } from '../../../lib/tracking/webhook-entity.decorator.js';
import { WebhookHidden } from '../../../lib/tracking/webhook-hidden.decorator.js';

class Login {
  @Column({ type: 'varchar' }) user!: string;
  @WebhookHidden() @Column({ type: 'varchar' }) password!: string;
}

class Access {
  @Column({ type: 'varchar' }) host!: string;
  @Column(() => Login) login!: Login;
  @WebhookHidden() @Column(() => Login) console!: Login;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
@WebhookEntity()
class Gateway {
  @PrimaryGeneratedColumn() id!: number;
  @WebhookHidden() @Column({ type: 'varchar' }) serial!: string;
  @Column(() => Access) access!: Access;
  @WebhookHidden() @Column(() => Access) spare!: Access;
}

@ChildEntity()
class Firewall extends Gateway {
  @WebhookHidden() @Column({ type: 'varchar' }) licence!: string;
}

it('leaves out hidden fields, also those of embedded objects and of other kinds', async () => {
  const dataSource = await new DataSource({ type: 'sqljs', entities: [Gateway, Firewall] }).initialize();
  const [model] = describeModels(dataSource);
  await dataSource.destroy();
  expect(model?.fields.map(({ name }) => name)).toEqual(['id', 'access.host', 'access.login.user']);
});
