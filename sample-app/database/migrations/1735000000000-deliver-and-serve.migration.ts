import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happens after an order is charged: packing, delivery, returns, and the customers' questions. */
export class DeliverAndServe1735000000000 implements MigrationInterface {
  readonly name = 'DeliverAndServe1735000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table shop."order" drop constraint order_status_check, add constraint order_status_check check (status in
        ('placed', 'accepted', 'confirmed', 'delivered', 'returned', 'lost', 'rejected', 'canceled'))`);
    await runner.query(`
      create table shop.packing (
        idempotency_key text        primary key,
        order_id        text        not null,
        sku             text        not null references shop.stock,
        quantity        integer     not null check (quantity > 0),
        box             text        not null,
        calls           integer     not null default 1,
        unpacked_at     timestamptz
      )`);
    await runner.query(`create index packing_order on shop.packing (order_id)`);
    await runner.query(`
      alter table shop.shipment add address text not null default 'addr_home', add handed_over_at timestamptz`);
    await runner.query(`create index shipment_order on shop.shipment (order_id)`);
    await runner.query(`create index shipment_tracking_code on shop.shipment (tracking_code)`);
    await runner.query(`
      alter table shop.notification add channel text not null default 'email' check (channel in ('email', 'sms')),
        add idempotency_key text unique`);
    await runner.query(`
      create table shop.return (
        order_id     text        primary key references shop."order",
        run_id       uuid        not null unique,
        reason       text        not null,
        status       text        not null check (status in ('requested', 'refunded', 'kept')),
        requested_at timestamptz not null default now(),
        settled_at   timestamptz
      )`);
    await runner.query(`
      create table shop.ticket (
        id          text        primary key,
        run_id      uuid        not null unique,
        order_id    text        not null references shop."order",
        question    text        not null,
        status      text        not null check (status in ('open', 'answered')),
        answer      text,
        asked_at    timestamptz not null default now(),
        answered_at timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table shop.ticket, shop.return, shop.packing`);
    await runner.query(`alter table shop.notification drop channel, drop idempotency_key`);
    await runner.query(`drop index shop.shipment_order, shop.shipment_tracking_code`);
    await runner.query(`alter table shop.shipment drop address, drop handed_over_at`);
    await runner.query(`
      update shop."order" set status = case status when 'lost' then 'rejected' else 'confirmed' end
       where status in ('delivered', 'returned', 'lost')`);
    await runner.query(`
      alter table shop."order" drop constraint order_status_check, add constraint order_status_check check (status in
        ('placed', 'accepted', 'confirmed', 'rejected', 'canceled'))`);
  }
}
