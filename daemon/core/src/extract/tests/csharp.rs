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
        9:26 class Shop.Basket [8-32] public partial class Basket<T> : Store<T>, IEnumerable<T> where T : Item, new() // <summary>A basket.
        11:27 constant Shop.Basket.Limit [11-11] private const int Limit = 10
        12:34 field Shop.Basket.items [12-12] private readonly List<T> items = new(), spare
        12:49 field Shop.Basket.spare [12-12] private readonly List<T> items = new(), spare
        13:41 field Shop.Basket.Changed [13-13] public event EventHandler<Args> Changed
        15:20 property Shop.Basket.Count [15-15] public int Count
        16:23 property Shop.Basket.Name [16-16] public string Name => items[0].Name
        19:16 constructor Shop.Basket.Basket [19-19] public Basket(int limit, string name = "x") : base(limit)
        22:33 method Shop.Basket.SizeAsync [21-31] public async Task<int?> SizeAsync(ref int by, params Item[] more)
        29:17 function Shop.Basket.SizeAsync.Local [29-29] int Local(int x)
        34:17 enum Shop.Color [34-34] public enum Color : byte
        34:32 variant Shop.Color.Red [34-34] Red
        34:37 variant Shop.Color.Green [34-34] Green = 2
        35:22 interface Shop.INamed [35-35] public interface INamed
        35:38 property Shop.INamed.Name [35-35] string Name
        35:57 method Shop.INamed.Rename [35-35] void Rename(string to)
        36:19 class Shop.Point [36-36] public record Point(int X, Coord Y)
        36:29 property Shop.Point.X [36-36] X
        36:38 property Shop.Point.Y [36-36] Y
        37:19 struct Shop.Pair [37-37] public struct Pair
        37:37 field Shop.Pair.A [37-37] public int A
        38:26 type Shop.Handler [38-38] public delegate void Handler(object sender)
        2:7 import System.Text "*"
        3:15 import System.Collections.Generic.List<int> "" as Alias
    "#]],
        expect![[r#"
            2 in -: import System, import System|Text,
            3 in -: import Alias, import System, import System|Collections, import System.Collections|Generic, import System.Collections.Generic|List,
            5 in Shop: read Example,
            8 in Shop.Basket: decorate Serializable, decorate Table, write Name,
            9 in Shop.Basket: write T, inherit Store, type T, inherit IEnumerable, type T, type T, type Item,
            12 in Shop.Basket: type List, type T,
            13 in Shop.Basket: type EventHandler, type Args,
            16 in Shop.Basket.Name: read items, read Name,
            17 in Shop.Basket: type T, write index, read items, read index,
            19 in Shop.Basket.Basket: write limit, write name, read limit, write items, call Make, type T, read limit,
            21 in Shop.Basket.SizeAsync: decorate Obsolete,
            22 in Shop.Basket.SizeAsync: type Task, write by, type Item, write more,
            24 in Shop.Basket.SizeAsync: write a, write b, call Pair,
            25 in Shop.Basket.SizeAsync: type Item, write first, read more, type Item,
            26 in Shop.Basket.SizeAsync: write one, read items, write by, read one, call one|Size,
            27 in Shop.Basket.SizeAsync: read first, type Named, read Id, write named, read first, type Item, write other, write by,
            28 in Shop.Basket.SizeAsync: call Run, write n, type IOException, write e, read e, read e|Code, call Failure, read e, read e|Code,
            29 in Shop.Basket.SizeAsync.Local: write x, read x, read Limit,
            30 in Shop.Basket.SizeAsync: read items, call items|Where, write i, read i, read i|Size, call Local, read by, call Select, write v, write k, read v, call FirstAsync,
            35 in Shop.INamed.Rename: write to,
            36 in Shop.Point: type Coord,
            38 in Shop.Handler: write sender,
        "#]],
    );
}
