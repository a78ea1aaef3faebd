//! TypeScript and TSX.

use expect_test::expect;

use super::{check, check_named};

#[test]
fn types() {
    check(
        r##"--- model.ts
export interface Named { name: string; rename(to: string): void; }
export interface User extends «Named» { address: Address; }
export class Address { street = ''; format(): string { return this.«street»; } }
export type Alias = User;
export enum Color { Red, Green }
export namespace Tools { export function run() {} }
--- app.ts
import { User, Address, Color, Tools, type Alias } from './model';
class Service<T> {
  private readonly cache: Map<string, User> = new Map();
  constructor(private http: Http, public address: Address) {}
  async load(user: User, other: Alias, item: «T»): Promise<Address> {
    user.«rename»('x');
    user.address.«format»();
    this.address.«format»();
    this.cache.«get»('x');
    other.«name»;
    «Color».«Red»;
    Tools.«run»();
    const found = await this.«load»(user, other, item);
    found.«format»();
    return user.«address»;
  }
}
class Http { get() {} }
export const View = ({ user }: { user: User }) => user.«name»;
"##,
        expect![[r#"
            model.ts:2 Named → interface Named model.ts:1 by file
            model.ts:3 street → field Address.street model.ts:3 by scope
            app.ts:5 T → type-parameter T app.ts:2 by scope
            app.ts:6 rename → method Named.rename model.ts:1 by type
            app.ts:7 format → method Address.format model.ts:3 by type
            app.ts:8 format → method Address.format model.ts:3 by type
            app.ts:9 get → nothing, from outside
            app.ts:10 name → property Named.name model.ts:1 by type
            app.ts:11 Color → enum Color model.ts:5 by import
            app.ts:11 Red → variant Color.Red model.ts:5 by import
            app.ts:12 run → function Tools.run model.ts:6 by import
            app.ts:13 load → method Service.load app.ts:5 by scope
            app.ts:14 format → method Address.format model.ts:3 by type
            app.ts:15 address → property User.address model.ts:2 by type
            app.ts:19 name → property Named.name model.ts:1 by unique
        "#]],
    );
}

#[test]
fn components() {
    check(
        r##"--- parts.tsx
export function Button({ label }: Props) { return <span>{«label»}</span>; }
export default function Page() { return <Button label="x" />; }
export namespace Layout { export const Main = () => null; }
interface Props { label: string }
--- app.tsx
import Page, { Button, Layout } from './parts';
export const App = () => <«Page»><«Button» «label»="a" /><Layout.«Main» /></Page>;
"##,
        expect![[r#"
            parts.tsx:1 label → parameter label parts.tsx:1 by scope
            app.tsx:2 Page → function Page parts.tsx:2 by import
            app.tsx:2 Button → function Button parts.tsx:1 by import
            app.tsx:2 label → nothing
            app.tsx:2 Main → function Layout.Main parts.tsx:3 by import
        "#]],
    );
}

#[test]
fn fields_are_defined_once() {
    check(
        r##"--- repo.ts
export class Repo { find(): Item { return new Item(); } }
export class Item { show() {} }
--- app.ts
import { Repo, Item } from './repo';
class Before {
  private repo: Repo;
  constructor(repo: Repo) { this.«repo» = repo; }
  run() { this.«repo».«find»().«show»(); }
}
class After {
  constructor(repo) { this.«repo» = repo; this.«late» = 1; this.«run» = this.«run».bind(this); }
  static count = 0;
  run() { this.«repo».«find»(); this.«late»; }
  private readonly repo: Repo;
}
class Written {
  constructor(private repo: Repo, readonly item: Item, plain: Repo) {
    «repo».«find»();
    this.«repo» = «repo»;
    «plain».«find»();
  }
  run() { this.«repo».«find»().«show»(); this.«item».«show»(); this.«plain»; }
}
function outside(it: Written) { it.«item».«show»(); }
--- old.js
class Old {
  constructor() { this.«name» = 'x'; this.#«secret» = 1; }
  get name() { return this.#«secret»; }
  #secret = 0;
}
"##,
        expect![[r#"
            app.ts:4 repo → field Before.repo app.ts:3 by scope
            app.ts:5 repo → field Before.repo app.ts:3 by scope
            app.ts:5 find → method Repo.find repo.ts:1 by type
            app.ts:5 show → method Item.show repo.ts:2 by type
            app.ts:8 repo → field After.repo app.ts:11 by scope
            app.ts:8 late → field After.late app.ts:8 by scope
            app.ts:8 run → method After.run app.ts:10 by scope
            app.ts:8 run → method After.run app.ts:10 by scope
            app.ts:10 repo → field After.repo app.ts:11 by scope
            app.ts:10 find → method Repo.find repo.ts:1 by type
            app.ts:10 late → field After.late app.ts:8 by scope
            app.ts:15 repo → parameter repo app.ts:14 by scope
            app.ts:15 find → method Repo.find repo.ts:1 by type
            app.ts:16 repo → field Written.repo app.ts:14 by scope
            app.ts:16 repo → parameter repo app.ts:14 by scope
            app.ts:17 plain → parameter plain app.ts:14 by scope
            app.ts:17 find → method Repo.find repo.ts:1 by type
            app.ts:19 repo → field Written.repo app.ts:14 by scope
            app.ts:19 find → method Repo.find repo.ts:1 by type
            app.ts:19 show → method Item.show repo.ts:2 by type
            app.ts:19 item → field Written.item app.ts:14 by scope
            app.ts:19 show → method Item.show repo.ts:2 by type
            app.ts:19 plain → nothing
            app.ts:21 item → field Written.item app.ts:14 by type
            app.ts:21 show → method Item.show repo.ts:2 by type
            old.js:2 name → property Old.name old.js:3 by scope
            old.js:2 secret → field Old.secret old.js:4 by scope
            old.js:3 secret → field Old.secret old.js:4 by scope
        "#]],
    );
}

#[test]
fn nothing_and_what_may_be_anything() {
    check(
        r##"--- birds.ts
export class Aa { zap2() {} run() {} }
export class Bb { run() {} }
export class Cc { run() {} }
--- a.ts
import { Aa, Bb } from './birds';
import { Foreign } from 'elsewhere';
class Use {
  private d = null;
  private e;
  f: Aa | null = null;
  constructor(private any: any) { this.d = new Aa(); this.e = new Bb(); }
  go(a: any, u: unknown, o: object, both: Aa | Bb, maybe: Aa | undefined, foreign: Foreign, many: Aa[]) {
    this.d.«run»();
    this.e.«run»();
    this.f.«run»();
    this.any.«zap2»();
    a.«run»(); u.«zap2»(); o.«zap2»();
    both.«run»();
    both.«zap2»();
    maybe.«run»();
    foreign.«run»();
    many.«run»();
    let x = new Aa();
    x = new Bb();
    x.«run»();
    let y: Aa = make();
    y = new Bb();
    y.«run»();
  }
}
let current = null;
function start() { current = new Aa(); }
function use() { current.«run»(); }
"##,
        expect![[r#"
            a.ts:9 run → method Aa.run birds.ts:1 by type
            a.ts:10 run → method Bb.run birds.ts:2 by type
            a.ts:11 run → method Aa.run birds.ts:1 by type
            a.ts:12 zap2 → method Aa.zap2 birds.ts:1 by unique
            a.ts:13 run → any of method Aa.run birds.ts:1, method Bb.run birds.ts:2, method Cc.run birds.ts:3
            a.ts:13 zap2 → method Aa.zap2 birds.ts:1 by unique
            a.ts:13 zap2 → method Aa.zap2 birds.ts:1 by unique
            a.ts:14 run → any of method Aa.run birds.ts:1, method Bb.run birds.ts:2
            a.ts:15 zap2 → method Aa.zap2 birds.ts:1 by type
            a.ts:16 run → method Aa.run birds.ts:1 by type
            a.ts:17 run → nothing, from outside
            a.ts:18 run → any of method Aa.run birds.ts:1, method Bb.run birds.ts:2, method Cc.run birds.ts:3
            a.ts:21 run → any of method Aa.run birds.ts:1, method Bb.run birds.ts:2
            a.ts:24 run → method Aa.run birds.ts:1 by type
            a.ts:29 run → method Aa.run birds.ts:1 by file
        "#]],
    );
}

#[test]
fn bounds_and_casts() {
    check(
        r##"--- a.ts
class B1 { go() {} }
class B2 { go() {} }
function generic<T extends B1>(item: T, other: unknown) {
  item.«go»();
  (other as B2).«go»();
  (other as any).«go»();
  (other).«go»();
  (new B1()).«go»();
  const cast = other as B2;
  cast.«go»();
}
class Holder<T extends B2> { constructor(private held: T) {} run() { this.held.«go»(); } }
"##,
        expect![[r#"
            a.ts:4 go → method B1.go a.ts:1 by type
            a.ts:5 go → method B2.go a.ts:2 by file
            a.ts:6 go → any of method B1.go a.ts:1, method B2.go a.ts:2
            a.ts:7 go → any of method B1.go a.ts:1, method B2.go a.ts:2
            a.ts:8 go → method B1.go a.ts:1 by file
            a.ts:10 go → method B2.go a.ts:2 by type
            a.ts:12 go → method B2.go a.ts:2 by type
        "#]],
    );
}

#[test]
fn packages_of_a_workspace() {
    check(
        r##"--- packages/core/package.json
{
  "name": "@me/core",
  "version": "1.0.0",
  "main": "dist/index.js"
}
--- packages/core/src/index.ts
export function coreFn() {}
export { deep } from './deep';
--- packages/core/src/deep.ts
export function deep() {}
--- packages/plain/package.json
{ "name": "plain",
  "private": true,
  "exports": {
    ".": { "types": "./lib/types.d.ts", "default": "./lib/entry.js" }
  }
}
--- packages/plain/lib/entry.js
export function plainFn() {}
--- packages/simple/package.json
{ "name": "simple", "private": true,
  "exports": "./lib/entry.js" }
--- packages/simple/lib/entry.js
export function simpleFn() {}
--- packages/app/package.json
{ "name": "app", "dependencies": { "name": "@me/absent" } }
--- packages/app/src/main.ts
import { «coreFn», «deep» as far, missing } from "@me/core";
import { deep } from "@me/core/deep";
import { «plainFn» } from "plain";
import { «simpleFn» } from "simple";
import { «absentFn» } from "@me/absent";
«coreFn»(); «far»(); «deep»(); «plainFn»(); «missing»(); «simpleFn»();
"##,
        expect![[r#"
            packages/app/src/main.ts:1 coreFn → function coreFn packages/core/src/index.ts:1 by import
            packages/app/src/main.ts:1 deep → function deep packages/core/src/deep.ts:1 by import
            packages/app/src/main.ts:3 plainFn → function plainFn packages/plain/lib/entry.js:1 by import
            packages/app/src/main.ts:4 simpleFn → function simpleFn packages/simple/lib/entry.js:1 by import
            packages/app/src/main.ts:5 absentFn → import absentFn packages/app/src/main.ts:5, from outside
            packages/app/src/main.ts:6 coreFn → function coreFn packages/core/src/index.ts:1 by import
            packages/app/src/main.ts:6 far → function deep packages/core/src/deep.ts:1 by import
            packages/app/src/main.ts:6 deep → function deep packages/core/src/deep.ts:1 by import
            packages/app/src/main.ts:6 plainFn → function plainFn packages/plain/lib/entry.js:1 by import
            packages/app/src/main.ts:6 missing → import missing packages/app/src/main.ts:1
            packages/app/src/main.ts:6 simpleFn → function simpleFn packages/simple/lib/entry.js:1 by import
        "#]],
    );
}

#[test]
fn several_bounds() {
    check(
        r##"--- a.ts
interface Named { name: string; rename(to: string): void; both(): void }
interface Sized { size: number; grow(): void; both(): void }
function one<T extends Named & Sized>(item: T) {
  item.«name»; item.«size»; item.«rename»("x"); item.«grow»(); item.«both»(); item.«nothing»();
}
function two(item: Named & Sized, either: Named | Sized) { item.«grow»(); item.«both»(); either.«both»(); either.«grow»(); }
type Whole = Named & Sized;
class Holder<T extends Sized & { extra: number }> {
  item: T;
  whole: Whole;
  run() { this.item.«grow»(); this.whole.«grow»(); this.whole.«rename»("y"); }
}
interface Part extends Whole {}
function three(part: Part) { part.«grow»(); }
function four<T extends Outside & Sized>(item: T) { item.«grow»(); item.«rename»("x"); }
"##,
        expect![[r#"
            a.ts:4 name → property Named.name a.ts:1 by type
            a.ts:4 size → property Sized.size a.ts:2 by type
            a.ts:4 rename → method Named.rename a.ts:1 by type
            a.ts:4 grow → method Sized.grow a.ts:2 by type
            a.ts:4 both → method Named.both a.ts:1, method Sized.both a.ts:2 by type
            a.ts:4 nothing → nothing
            a.ts:6 grow → method Sized.grow a.ts:2 by type
            a.ts:6 both → method Named.both a.ts:1, method Sized.both a.ts:2 by type
            a.ts:6 both → any of method Named.both a.ts:1, method Sized.both a.ts:2
            a.ts:6 grow → method Sized.grow a.ts:2 by type
            a.ts:11 grow → method Sized.grow a.ts:2 by type
            a.ts:11 grow → method Sized.grow a.ts:2 by type
            a.ts:11 rename → method Named.rename a.ts:1 by type
            a.ts:14 grow → method Sized.grow a.ts:2 by type
            a.ts:15 grow → method Sized.grow a.ts:2 by type
            a.ts:15 rename → method Named.rename a.ts:1 by unique
        "#]],
    );
}

#[test]
fn members_are_asked_for_through_an_alias() {
    check_named(
        r##"--- a.ts
export interface Named { name: string }
export class Pool implements Named { name = ""; open() {} }
export type Both = Pool & Named;
type Either = Pool | Named;
export const shared = new Pool();
--- b.ts
import { Pool as Basin } from './a';
"##,
        &["Both.open", "Both.name", "shared.open", "Basin.open", "Basin.name", "Either.open"],
        expect![[r#"
            Both.open → method Pool.open a.ts:2 by unique
            Both.name → any of property Named.name a.ts:1, field Pool.name a.ts:2
            shared.open → method Pool.open a.ts:2 by unique
            Basin.open → method Pool.open a.ts:2 by unique
            Basin.name → field Pool.name a.ts:2 by unique
            Either.open → nothing
        "#]],
    );
}
