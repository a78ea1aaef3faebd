//! TypeScript and TSX.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
import type { Config } from './config';
import legacy = require('legacy');

/** A shape. */
export interface Shape<T> extends Base, geo.Named<T> {
  readonly area: number;
  scale(factor: number): Shape<T>;
  [key: string]: unknown;
}

export type Pair<K extends string = 'a'> = { key: K; value: typeof legacy };

export enum Color { Red, Green = 'g' }
declare const enum Flag { On }

export namespace Tools.Deep {
  export const version = 1;
  export function run(this: Window, x?: Pair<'b'>): x is Pair { return x!.key as any; }
}

declare function declared(a: string): void;
declare module 'ambient' { export class Inner {} }

function over(a: string): void;
function over(a: any) {}

@Component({ selector: 'app' })
export abstract class Service<T> extends Store<T> implements OnInit, geo.Other {
  @Input() name?: string;
  private static readonly cache: Map<string, Config> = new Map<string, Config>();

  constructor(private readonly http: Http, plain: number) { super(); this.late = plain; }

  abstract draw(): void;

  @HostListener('click')
  protected async onClick<E>(event: E): Promise<void> {
    const result = await this.http.get<Config>('/x');
    this.name = result satisfies E;
  }
}

export const make = <T,>(x: T): T => x;
"#;

#[test]
fn fixture() {
    check(
        Language::TypeScript,
        SOURCE,
        expect![[r#"
        6:18 interface Shape [6-10] export interface Shape<T> extends Base, geo.Named<T> // A shape.
        7:12 property Shape.area [7-7] readonly area: number
        8:3 method Shape.scale [8-8] scale(factor: number): Shape<T>
        12:13 type Pair [12-12] export type Pair<K extends string = 'a'> = { key: K; value: typeof legacy }
        12:46 property Pair.key [12-12] key: K
        12:54 property Pair.value [12-12] value: typeof legacy
        14:13 enum Color [14-14] export enum Color
        14:21 variant Color.Red [14-14] Red
        14:26 variant Color.Green [14-14] Green = 'g'
        15:20 enum Flag [15-15] declare const enum Flag
        15:27 variant Flag.On [15-15] On
        17:24 namespace Deep [17-20] export namespace Tools.Deep
        18:16 constant Deep.version [18-18] export const version = 1
        19:19 function Deep.run [19-19] export function run(this: Window, x?: Pair<'b'>): x is Pair
        22:18 function declared declared [22-22] declare function declared(a: string): void
        23:41 class Inner [23-23] export class Inner
        25:10 function declared over [25-25] function over(a: string): void
        26:10 function over [26-26] function over(a: any)
        29:23 class Service [28-42] export abstract class Service<T> extends Store<T> implements OnInit, geo.Other
        30:12 field Service.name [30-30] name?: string
        31:27 field Service.cache [31-31] private static readonly cache: Map<string, Config> = new Map<string, Config>()
        33:3 constructor Service.constructor [33-33] constructor(private readonly http: Http, plain: number)
        33:32 field Service.http [33-33] private readonly http: Http
        33:75 field Service.late [33-33] this.late = plain
        35:12 method Service.draw [35-35] abstract draw(): void
        38:19 method Service.onClick [37-41] protected async onClick<E>(event: E): Promise<void>
        44:14 function make [44-44] export const make = <T,>(x: T): T
        2:15 import ./config "Config"
        3:8 import legacy "" as legacy
    "#]],
        expect![[r#"
        2 in -: import Config,
        3 in -: import legacy,
        6 in Shape: write T, inherit Base, read geo, inherit geo|Named, type T,
        8 in Shape.scale: write factor, type Shape, type T,
        9 in Shape: write key,
        12 in Pair: write K,
        12 in Pair.key: type K,
        12 in Pair.value: read legacy,
        17 in Deep: read Tools,
        19 in Deep.run: type Window, write x, type Pair, read x, type Pair, read x, read key,
        22 in declared: write a,
        25 in over: write a,
        26 in over: write a,
        28 in -: decorate Component, write selector,
        29 in Service: write T, inherit Store, type T, inherit OnInit, read geo, inherit geo|Other,
        30 in Service.name: decorate Input,
        31 in Service.cache: type Map, type Config, call Map, type Config,
        33 in Service.constructor: type Http, write plain, read plain,
        37 in Service: decorate HostListener,
        38 in Service.onClick: write E, write event, type E, type Promise,
        39 in Service.onClick: write result, read this|http, read this.http|get, type Config,
        40 in Service.onClick: write this|name, read result, type E,
        44 in make: write T, write x, type T, type T, read x,
    "#]],
    );
}

#[test]
fn components_of_tsx() {
    let source = "export const App: FC<Props> = ({ name }: Props) => <Box<Item> title={name as string} />;\n";
    check(
        Language::Tsx,
        source,
        expect![[r#"
        1:14 function App [1-1] export const App: FC<Props> = ({ name }: Props)
    "#]],
        expect![[r#"
        1 in App: type FC, type Props, write name, type Props, call Box, type Item, write title, read name,
    "#]],
    );
}
