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
            5:19 namespace Shop [5-39] namespace Example.Shop
            9:26 class Shop.Basket < Store, IEnumerable [8-32] public partial class Basket<T> : Store<T>, IEnumerable<T> where T : Item, new() // <summary>A basket.
            11:27 constant Shop.Basket.Limit: int [11-11] private const int Limit = 10
            12:34 field Shop.Basket.items: List [12-12] private readonly List<T> items = new(), spare
            12:49 field Shop.Basket.spare: List [12-12] private readonly List<T> items = new(), spare
            13:41 field Shop.Basket.Changed: EventHandler [13-13] public event EventHandler<Args> Changed
            15:20 property Shop.Basket.Count: int [15-15] public int Count
            16:23 property Shop.Basket.Name: string [16-16] public string Name => items[0].Name
            19:16 constructor Shop.Basket.Basket [19-19] public Basket(int limit, string name = "x") : base(limit)
            22:33 method Shop.Basket.SizeAsync: int [21-31] public async Task<int?> SizeAsync(ref int by, params Item[] more)
            29:17 function Shop.Basket.SizeAsync.Local: int [29-29] int Local(int x)
            34:17 enum Shop.Color [34-34] public enum Color : byte
            34:32 variant Shop.Color.Red [34-34] Red
            34:37 variant Shop.Color.Green [34-34] Green = 2
            35:22 interface Shop.INamed [35-35] public interface INamed
            35:38 property Shop.INamed.Name: string [35-35] string Name
            35:57 method Shop.INamed.Rename: void [35-35] void Rename(string to)
            36:19 class Shop.Point [36-36] public record Point(int X, Coord Y)
            36:29 property Shop.Point.X: int [36-36] X
            36:38 property Shop.Point.Y: Coord [36-36] Y
            37:19 struct Shop.Pair [37-37] public struct Pair
            37:37 field Shop.Pair.A: int [37-37] public int A
            38:26 type Shop.Handler [38-38] public delegate void Handler(object sender)
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
            17 in Shop.Basket: type T^9, parameter index: int, read items, read index^17,
            19 in Shop.Basket.Basket: parameter limit: int, parameter name: string, read limit^19, write this|items, call Make, type T^9, read limit^19,
            21 in Shop.Basket.SizeAsync: decorate Obsolete,
            22 in Shop.Basket.SizeAsync: type Task, parameter by: int, type Item, parameter more,
            24 in Shop.Basket.SizeAsync: local a, local b, call Pair,
            25 in Shop.Basket.SizeAsync: type Item, local first: Item, read more^22, type Item,
            26 in Shop.Basket.SizeAsync: local one, read items, write by^22, read one^26, call one|Size,
            27 in Shop.Basket.SizeAsync: read first^25, type Named, write :Named|Id, local named: Named, read first^25, type Item, local other: Item, write by^22,
            28 in Shop.Basket.SizeAsync: call Run, local n: int, type IOException, local e: IOException, read e^28, read e|Code, call Failure, read e^28, read e|Code,
            29 in Shop.Basket.SizeAsync.Local: parameter x: int, read x^29, read Limit,
            30 in Shop.Basket.SizeAsync: read items, call items|Where, parameter i, read i^30, read i|Size, call Local, read by^22, call items.Where()|Select, parameter v, parameter k, read v^30, call items.Where().Select()|FirstAsync,
            35 in Shop.INamed.Rename: parameter to: string,
            36 in Shop.Point: type Coord,
            38 in Shop.Handler: parameter sender,
        "#]],
    );
}
