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
            6:18 interface Shape < Base, geo.Named [6-10] export interface Shape<T> extends Base, geo.Named<T> // A shape.
            7:12 property Shape.area: number [7-7] readonly area: number
            8:3 method Shape.scale: Shape [8-8] scale(factor: number): Shape<T>
            12:13 type Pair [12-12] export type Pair<K extends string = 'a'> = { key: K; value: typeof legacy }
            12:46 property Pair.key: K [12-12] key: K
            12:54 property Pair.value [12-12] value: typeof legacy
            14:13 enum Color [14-14] export enum Color
            14:21 variant Color.Red [14-14] Red
            14:26 variant Color.Green [14-14] Green = 'g'
            15:20 enum Flag [15-15] declare const enum Flag
            15:27 variant Flag.On [15-15] On
            17:24 namespace Deep [17-20] export namespace Tools.Deep
            18:16 constant Deep.version [18-18] export const version = 1
            19:19 function Deep.run [19-19] export function run(this: Window, x?: Pair<'b'>): x is Pair
            22:18 function declared declared: void [22-22] declare function declared(a: string): void
            23:41 class Inner [23-23] export class Inner
            25:10 function declared over: void [25-25] function over(a: string): void
            26:10 function over [26-26] function over(a: any)
            29:23 class Service < Store, OnInit, geo.Other [28-42] export abstract class Service<T> extends Store<T> implements OnInit, geo.Other
            30:12 field Service.name: string [30-30] name?: string
            31:27 field Service.cache: Map [31-31] private static readonly cache: Map<string, Config> = new Map<string, Config>()
            33:3 constructor Service.constructor [33-33] constructor(private readonly http: Http, plain: number)
            33:32 field Service.http: Http [33-33] private readonly http: Http
            33:75 field Service.late: number [33-33] this.late = plain
            35:12 method Service.draw: void [35-35] abstract draw(): void
            38:19 method Service.onClick: void [37-41] protected async onClick<E>(event: E): Promise<void>
            44:14 function make [44-44] export const make = <T,>(x: T): T
            2:15 import ./config "Config"
            3:8 import legacy "" as legacy
        "#]],
        expect![[r#"
            2 in -: import Config,
            3 in -: import legacy,
            6 in Shape: type-parameter T, inherit Base, read geo, inherit geo|Named, type T^6,
            8 in Shape.scale: parameter factor: number, type Shape, type T^6,
            9 in Shape: parameter key,
            12 in Pair: type-parameter K: string,
            12 in Pair.key: type K^12,
            12 in Pair.value: read legacy,
            17 in Deep: read Tools,
            19 in Deep.run: type Window, parameter x: Pair, type Pair, read x^19, type Pair, read x^19, read x|key,
            22 in declared: parameter a: string,
            25 in over: parameter a: string,
            26 in over: parameter a: any,
            28 in -: decorate Component, write :|selector,
            29 in Service: type-parameter T, inherit Store, type T^29, inherit OnInit, read geo, inherit geo|Other,
            30 in Service.name: decorate Input,
            31 in Service.cache: type Map, type Config, call Map, type Config,
            33 in Service.constructor: parameter http: Http, type Http, parameter plain: number, read plain^33,
            37 in Service: decorate HostListener,
            38 in Service.onClick: type-parameter E, parameter event: E, type E^38, type Promise,
            39 in Service.onClick: local result: =this.http.get(), read this|http, read this.http|get, type Config,
            40 in Service.onClick: write this|name, read result^39, type E^38,
            44 in make: type-parameter T, parameter x: T, type T^44, type T^44, read x^44,
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
            1:14 function App: FC [1-1] export const App: FC<Props> = ({ name }: Props)
        "#]],
        expect![[r#"
            1 in App: type FC, type Props, parameter name, type Props, call Box, type Item, write :|title, read name^1,
        "#]],
    );
}
