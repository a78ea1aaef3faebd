//! C#.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r#"
using System.Text;
using Alias = System.Collections.Generic.List<int>;

namespace Example.Shop
{
    /// <summary>A basket.</summary>
    [Serializable, Table(Name = "b")]
    public partial class Basket<T> : Store<T>, IEnumerable<T> where T : Item, new()
    {
        private const int Limit = 10;
        private readonly List<T> items = new(), spare;
        public event EventHandler<Args> Changed;

        public int Count { get; private set; } = 3;
        public string Name => items[0].Name;
        public T this[int index] => items[index];

        public Basket(int limit, string name = "x") : base(limit) { this.items = Make<T>(limit); }

        public static Basket<T> operator +(Basket<T> a, Basket<T> b) => a.Count < b.Count ? a : b;
        public static bool operator !=(Basket<T> a, Basket<T> b) { return !(a == b); }

        [Obsolete]
        public async Task<int?> SizeAsync(ref int by, params Item[] more)
        {
            var (a, b) = Pair();
            Item first = more[0] as Item;
            foreach (var one in items) by += one?.Size() ?? 0;
            if (first is Named { Id: 1 } named && first is Item other) by++;
            try { Run(out int n); } catch (IOException e) when (e.Code == 1) { throw new Failure($"{e.Code}"); }
            int Local(int x) => x + Limit;
            return await items.Where(i => i.Size > Local(by)).Select((v, k) => v).FirstAsync<int>();
        }
    }

    public enum Color : byte { Red, Green = 2 }
    public interface INamed { string Name { get; } void Rename(string to); }
    public record Point(int X, Coord Y);
    public struct Pair { public int A; }
    public delegate void Handler(object sender);
}
"#;

#[test]
fn fixture() {
    check(
        Language::CSharp,
        SOURCE,
        expect![[r#"
            5:19 namespace Shop [5-42] namespace Example.Shop
            9:26 class Shop.Basket < Store, IEnumerable [8-35] public partial class Basket<T> : Store<T>, IEnumerable<T> where T : Item, new() // <summary>A basket.
            11:27 constant Shop.Basket.Limit: int [11-11] private const int Limit = 10
            12:34 field Shop.Basket.items: List [12-12] private readonly List<T> items = new(), spare
            12:49 field Shop.Basket.spare: List [12-12] private readonly List<T> items = new(), spare
            13:41 field Shop.Basket.Changed: EventHandler [13-13] public event EventHandler<Args> Changed
            15:20 property Shop.Basket.Count: int [15-15] public int Count
            16:23 property Shop.Basket.Name: string [16-16] public string Name => items[0].Name
            17:18 property Shop.Basket.this: T [17-17] public T this[int index]
            19:16 constructor Shop.Basket.Basket [19-19] public Basket(int limit, string name = "x") : base(limit)
            21:42 method Shop.Basket.+: Basket [21-21] public static Basket<T> operator +(Basket<T> a, Basket<T> b)
            22:37 method Shop.Basket.!=: bool [22-22] public static bool operator !=(Basket<T> a, Basket<T> b)
            25:33 method Shop.Basket.SizeAsync: int [24-34] public async Task<int?> SizeAsync(ref int by, params Item[] more)
            32:17 function Shop.Basket.SizeAsync.Local: int [32-32] int Local(int x)
            37:17 enum Shop.Color [37-37] public enum Color : byte
            37:32 variant Shop.Color.Red [37-37] Red
            37:37 variant Shop.Color.Green [37-37] Green = 2
            38:22 interface Shop.INamed [38-38] public interface INamed
            38:38 property Shop.INamed.Name: string [38-38] string Name
            38:57 method Shop.INamed.Rename: void [38-38] void Rename(string to)
            39:19 class Shop.Point [39-39] public record Point(int X, Coord Y)
            39:29 property Shop.Point.X: int [39-39] X
            39:38 property Shop.Point.Y: Coord [39-39] Y
            40:19 struct Shop.Pair [40-40] public struct Pair
            40:37 field Shop.Pair.A: int [40-40] public int A
            41:26 type Shop.Handler [41-41] public delegate void Handler(object sender)
            2:7 import System.Text "*"
            3:15 import System.Collections.Generic.List "" as Alias
        "#]],
        expect![[r#"
            2 in -: import System, import System|Text,
            3 in -: import Alias, import System, import System|Collections, import System.Collections|Generic, import System.Collections.Generic|List,
            5 in Shop: read Example,
            8 in Shop.Basket: decorate Serializable, decorate Table, write :|Name,
            9 in Shop.Basket: type-parameter T, inherit Store, type T^9, inherit IEnumerable, type T^9, type T^9, type Item,
            12 in Shop.Basket: type List, type T^9,
            13 in Shop.Basket: type EventHandler, type Args,
            16 in Shop.Basket.Name: read items, read items[]|Name,
            17 in Shop.Basket.this: type T^9, parameter index: int, read items, read index^17,
            19 in Shop.Basket.Basket: parameter limit: int, parameter name: string, read limit^19, write this|items, call Make, type T^9, read limit^19,
            21 in Shop.Basket.+: type Basket, type T^9, type Basket, type T^9, parameter a: Basket, type Basket, type T^9, parameter b: Basket, read a^21, read a|Count, read b^21, read b|Count, read a^21, read b^21,
            22 in Shop.Basket.!=: type Basket, type T^9, parameter a: Basket, type Basket, type T^9, parameter b: Basket, read a^22, read b^22,
            24 in Shop.Basket.SizeAsync: decorate Obsolete,
            25 in Shop.Basket.SizeAsync: type Task, parameter by: int, type Item, parameter more,
            27 in Shop.Basket.SizeAsync: local a, local b, call Pair,
            28 in Shop.Basket.SizeAsync: type Item, local first: Item, read more^25, type Item,
            29 in Shop.Basket.SizeAsync: local one, read items, write by^25, read one^29, call one|Size,
            30 in Shop.Basket.SizeAsync: read first^28, type Named, write :Named|Id, local named: Named, read first^28, type Item, local other: Item, write by^25,
            31 in Shop.Basket.SizeAsync: call Run, local n: int, type IOException, local e: IOException, read e^31, read e|Code, call Failure, read e^31, read e|Code,
            32 in Shop.Basket.SizeAsync.Local: parameter x: int, read x^32, read Limit,
            33 in Shop.Basket.SizeAsync: read items, call items|Where, parameter i, read i^33, read i|Size, call Local, read by^25, call items.Where()|Select, parameter v, parameter k, read v^33, call items.Where().Select()|FirstAsync,
            38 in Shop.INamed.Rename: parameter to: string,
            39 in Shop.Point: type Coord,
            41 in Shop.Handler: parameter sender,
        "#]],
    );
}
