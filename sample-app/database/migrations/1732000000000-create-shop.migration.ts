import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The shop's own tables, and its assortment. The engine's tables are its own business. */
export class CreateShop1732000000000 implements MigrationInterface {
  readonly name = 'CreateShop1732000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema if not exists shop`);
    await runner.query(`
      create table shop."order" (
        id                  text        primary key,
        run_id              uuid        not null unique,
        status              text        not null check (status in ('placed', 'accepted', 'confirmed', 'rejected', 'canceled')),
        email               text        not null,
        delivery            text        not null,
        lines               jsonb       not null,
        total_cents         integer,
        tracking_code       text,
        cancel_requested_at timestamptz,
        placed_at           timestamptz not null default now(),
        updated_at          timestamptz not null default now()
      )`);
    await runner.query(`
      create table shop.stock (
        sku         text    primary key,
        title       text    not null,
        price_cents integer not null check (price_cents >= 0),
        available   integer not null check (available >= 0)
      )`);
    await runner.query(`
      create table shop.reservation (
        order_id    text        not null,
        sku         text        not null references shop.stock,
        quantity    integer     not null check (quantity > 0),
        reserved_at timestamptz not null default now(),
        released_at timestamptz,
        primary key (order_id, sku)
      )`);
    await runner.query(`
      create table shop.payment (
        id              uuid        primary key default gen_random_uuid(),
        idempotency_key text        not null unique,
        order_id        text        not null,
        amount_cents    integer     not null check (amount_cents >= 0),
        status          text        not null check (status in ('pending', 'captured', 'declined', 'refunded', 'voided')),
        calls           integer     not null,
        created_at      timestamptz not null default now(),
        updated_at      timestamptz not null default now()
      )`);
    await runner.query(`
      create table shop.shipment (
        id              uuid        primary key default gen_random_uuid(),
        idempotency_key text        not null unique,
        order_id        text        not null,
        carrier         text        not null,
        tracking_code   text        not null,
        calls           integer     not null default 1,
        created_at      timestamptz not null default now(),
        canceled_at     timestamptz
      )`);
    await runner.query(`
      create table shop.notification (
        id         uuid        primary key default gen_random_uuid(),
        order_id   text        not null,
        template   text        not null,
        recipient  text        not null,
        created_at timestamptz not null default now()
      )`);
    await runner.query(`
      insert into shop.stock (sku, title, price_cents, available) values
        ('tea-assam',     'Assam tea, 250 g',         1290, 100000),
        ('tea-sencha',    'Sencha tea, 100 g',        1650, 100000),
        ('cup-porcelain', 'Porcelain cup',            1990, 100000),
        ('kettle-iron',   'Cast-iron kettle, 1.2 l',  7900, 100000),
        ('pot-antique',   'Antique teapot, one left', 49900, 1)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema shop cascade`);
  }
}
