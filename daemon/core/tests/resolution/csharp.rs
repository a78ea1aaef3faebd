//! C#.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- A.cs
class A {
  int limit = 1;
  int Run(int limit, params string[] rest) {
    var total = «limit» + this.«limit»;
    foreach (var name in «rest») Use(«name»);
    int Local(int x) => «x» + «total»;
    if (o is string text) Use(«text»);
    Func<int, int> f = y => «y»;
    if (Try(out var found)) Use(«found»);
    return «Local»(1);
  }
  int Again() => «limit»;
  void Use(object x) {}
  T Generic<T>(«T» item) => item;
}
"##,
        expect![[r#"
            A.cs:4 limit → parameter limit A.cs:3 by scope
            A.cs:4 limit → field A.limit A.cs:2 by scope
            A.cs:5 rest → parameter rest A.cs:3 by scope
            A.cs:5 name → local name A.cs:5 by scope
            A.cs:6 x → parameter x A.cs:6 by scope
            A.cs:6 total → local total A.cs:4 by scope
            A.cs:7 text → local text A.cs:7 by scope
            A.cs:8 y → parameter y A.cs:8 by scope
            A.cs:9 found → local found A.cs:9 by scope
            A.cs:10 Local → function A.Run.Local A.cs:6 by scope
            A.cs:12 limit → field A.limit A.cs:2 by scope
            A.cs:14 T → type-parameter T A.cs:14 by scope
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- Pool.cs
using System.Collections.Generic;
namespace Shop {
  public interface IGetter { int Get(); }
  public class Base { protected Pool pool; public void Close() {} public static int Count; }
  public partial class Pool : «Base», «IGetter» {
    public List<string> Names { get; set; }
    public Pool(string name) { «Close»(); base.«Close»(); this.«pool».«Get»(); «More»(); }
    public int Get() { return Names.«Get»() + «Count»; }
    public static Pool Make() { return new «Pool»("x") { «Names» = null }; }
  }
}
--- Pool.More.cs
namespace Shop { public partial class Pool { void More() { «Get»(); } } 
  public static class Extensions { public static void Extend(this Pool pool) {} } }
--- App.cs
using Shop;
using Alias = Shop.Pool;
namespace App {
  class Program {
    private readonly Pool pool;
    Pool Property { get; }
    async Task Run(IGetter getter, Unknown unknown, Dictionary<string, Pool> map) {
      pool.«Get»();
      Property.«Close»();
      getter.«Get»();
      unknown.«Get»();
      map.«Get»("x");
      Pool.«Make»().«Get»();
      Shop.Pool.«Make»();
      var local = new «Pool»("x");
      local.«Extend»();
      Alias.«Make»();
      Base.«Count»++;
      await this.«Run»(null, null, null);
      Call(«name»: 1);
    }
  }
}
"##,
        expect![[r#"
            Pool.cs:5 Base → class Shop.Base Pool.cs:4 by file
            Pool.cs:5 IGetter → interface Shop.IGetter Pool.cs:3 by file
            Pool.cs:7 Close → method Shop.Base.Close Pool.cs:4 by scope
            Pool.cs:7 Close → method Shop.Base.Close Pool.cs:4 by scope
            Pool.cs:7 pool → field Shop.Base.pool Pool.cs:4 by scope
            Pool.cs:7 Get → method Shop.Pool.Get Pool.cs:8 by type
            Pool.cs:7 More → method Shop.Pool.More Pool.More.cs:1 by scope
            Pool.cs:8 Get → any of method Shop.IGetter.Get Pool.cs:3, method Shop.Pool.Get Pool.cs:8
            Pool.cs:8 Count → field Shop.Base.Count Pool.cs:4 by scope
            Pool.cs:9 Pool → class Shop.Pool Pool.cs:5 by file
            Pool.cs:9 Names → property Shop.Pool.Names Pool.cs:6 by type
            Pool.More.cs:1 Get → method Shop.Pool.Get Pool.cs:8 by scope
            App.cs:8 Get → method Shop.Pool.Get Pool.cs:8 by scope
            App.cs:9 Close → method Shop.Base.Close Pool.cs:4 by scope
            App.cs:10 Get → method Shop.IGetter.Get Pool.cs:3 by type
            App.cs:11 Get → any of method Shop.IGetter.Get Pool.cs:3, method Shop.Pool.Get Pool.cs:8
            App.cs:12 Get → any of method Shop.IGetter.Get Pool.cs:3, method Shop.Pool.Get Pool.cs:8
            App.cs:13 Make → method Shop.Pool.Make Pool.cs:9 by import
            App.cs:13 Get → method Shop.Pool.Get Pool.cs:8 by import
            App.cs:14 Make → method Shop.Pool.Make Pool.cs:9 by import
            App.cs:15 Pool → class Shop.Pool Pool.More.cs:1, class Shop.Pool Pool.cs:5 by import
            App.cs:16 Extend → method Shop.Extensions.Extend Pool.More.cs:2 by unique
            App.cs:17 Make → method Shop.Pool.Make Pool.cs:9 by import
            App.cs:18 Count → field Shop.Base.Count Pool.cs:4 by import
            App.cs:19 Run → method App.Program.Run App.cs:7 by scope
            App.cs:20 name → nothing
        "#]],
    );
}

#[test]
fn namespaces() {
    check(
        r##"--- a.cs
namespace A { public class Config { public static void Load() {} } }
--- b.cs
namespace B { public class Config { public static void Load() {} } public class Use { void Run() { «Config».«Load»(); A.«Config».«Load»(); } } }
--- c.cs
using A;
class Use { void Run(B.«Config» x) { «Config».«Load»(); x.«Load»(); } }
"##,
        expect![[r#"
            b.cs:1 Config → class B.Config b.cs:1 by file
            b.cs:1 Load → method B.Config.Load b.cs:1 by file
            b.cs:1 Config → class A.Config a.cs:1 by import
            b.cs:1 Load → method A.Config.Load a.cs:1 by import
            c.cs:2 Config → class B.Config b.cs:1 by import
            c.cs:2 Config → class A.Config a.cs:1 by import
            c.cs:2 Load → method A.Config.Load a.cs:1 by import
            c.cs:2 Load → method B.Config.Load b.cs:1 by type
        "#]],
    );
}

#[test]
fn namespaces_opened_together() {
    check(
        r##"--- A.cs
namespace A { public class Config {} public class Pool {} public class Only {} public static class Tools { public static void Help() {} } }
--- B.cs
namespace B { public class Config {} }
--- App/Pool.cs
namespace App { public class Pool {} }
--- App/App.cs
using A;
using B;
using static A.Tools;
namespace App { class Main { void Run(«Config» config, «Pool» pool, «Only» only) { «Help»(); } } }
"##,
        expect![[r#"
            App/App.cs:4 Config → any of class A.Config A.cs:1, class B.Config B.cs:1
            App/App.cs:4 Pool → class App.Pool App/Pool.cs:1 by package
            App/App.cs:4 Only → class A.Only A.cs:1 by import
            App/App.cs:4 Help → method A.Tools.Help A.cs:1 by import
        "#]],
    );
}

#[test]
fn what_nothing_explains_is_not_outside() {
    check(
        r##"--- App.cs
class Remote { public void Go() {} public void Only() {} }
class Other { public void Go() {} }
class App : Foreign {
    void Run(object o, dynamic d) {
        inherited.Only();
        inherited.«Only»();
        inherited.«Go»();
        o.«Only»();
        d.«Go»();
        (o as Remote).«Go»();
        ((Other)o).«Go»();
        System.Console.«Only»();
    }
}
"##,
        expect![[r#"
            App.cs:6 Only → method Remote.Only App.cs:1 by unique
            App.cs:7 Go → any of method Remote.Go App.cs:1, method Other.Go App.cs:2
            App.cs:8 Only → method Remote.Only App.cs:1 by unique
            App.cs:9 Go → any of method Remote.Go App.cs:1, method Other.Go App.cs:2
            App.cs:10 Go → method Remote.Go App.cs:1 by file
            App.cs:11 Go → method Other.Go App.cs:2 by file
            App.cs:12 Only → nothing, from outside
        "#]],
    );
}

#[test]
fn aliases_and_indexers() {
    check(
        r##"--- N.cs
namespace N {
    public class Remote { public void Push() {} public int this[int index] { get { return «index»; } } }
}
--- Main.cs
using «Al» = N.«Remote»;
using Far = Other.Thing;
class App {
    void Run(«Al» a) { a.«Push»(); var b = new «Al»(); b.«Push»(); new «Far»(); }
}
"##,
        expect![[r#"
            N.cs:2 index → parameter index N.cs:2 by scope
            Main.cs:1 Al → class N.Remote N.cs:2 by import
            Main.cs:1 Remote → class N.Remote N.cs:2 by import
            Main.cs:4 Al → class N.Remote N.cs:2 by import
            Main.cs:4 Push → method N.Remote.Push N.cs:2 by type
            Main.cs:4 Al → class N.Remote N.cs:2 by import
            Main.cs:4 Push → method N.Remote.Push N.cs:2 by type
            Main.cs:4 Far → import Far Main.cs:2, from outside
        "#]],
    );
}

#[test]
fn namespaces_of_several_names() {
    check(
        r##"--- A.cs
namespace Acme.Core.Models {
  public class Item { public int Size() => 1; public static Item Make() => null; }
  namespace Inner { public class Deep { public void Go() {} } }
}
namespace Acme.Core { public class Root { public void Top() {} } }
--- B.cs
namespace Acme.Core.Services;
using Acme.Core.Models;
public class Service {
  Item item; Models.Item other; Acme.Core.Models.Item whole; Root root; global::Acme.Core.Models.Item far;
  void Run(Models.Inner.Deep deep) { item.«Size»(); other.«Size»(); whole.«Size»(); root.«Top»(); deep.«Go»(); Item.«Make»(); Models.Item.«Make»(); far.«Size»(); Acme.Core.Models.Item.«Make»(); }
}
--- C.cs
namespace Other;
using Acme.Core.Services;
class User { void Run(Service s, Item i) { s.«Run»(null); i.«Size»(); } }
--- D.cs
using Acme.Core.Models;
class Global { void Run(Item i, Other.User u) { i.«Size»(); u.«Run»(null, null); } }
"##,
        expect![[r#"
            B.cs:5 Size → method Acme.Core.Models.Item.Size A.cs:2 by scope
            B.cs:5 Size → method Acme.Core.Models.Item.Size A.cs:2 by scope
            B.cs:5 Size → method Acme.Core.Models.Item.Size A.cs:2 by scope
            B.cs:5 Top → method Acme.Core.Root.Top A.cs:5 by scope
            B.cs:5 Go → method Acme.Core.Models.Inner.Deep.Go A.cs:3 by type
            B.cs:5 Make → method Acme.Core.Models.Item.Make A.cs:2 by package
            B.cs:5 Make → method Acme.Core.Models.Item.Make A.cs:2 by package
            B.cs:5 Size → method Acme.Core.Models.Item.Size A.cs:2 by scope
            B.cs:5 Make → method Acme.Core.Models.Item.Make A.cs:2 by import
            C.cs:3 Run → method Service.Run B.cs:5 by type
            C.cs:3 Size → any of method Acme.Core.Models.Item.Size A.cs:2
            D.cs:2 Size → method Acme.Core.Models.Item.Size A.cs:2 by type
            D.cs:2 Run → method User.Run C.cs:3 by type
        "#]],
    );
}

#[test]
fn members_types_and_patterns() {
    check(
        r##"--- Models/Item.cs
using System;
namespace Shop.Models
{
    public interface IPriced { int Price { get; } int Total(); }
    public abstract class Base { protected string tag; public virtual void Close() { } public Item Get(int k) => null; }
    public class Item : Base, IPriced
    {
        private readonly Item next;
        public int Price { get; set; }
        public static Item Empty = new();
        public const int Limit = 3;
        public event EventHandler Changed;
        public Item(Item next) : base() { this.«next» = «next»; «Price» = 1; «tag» = ""; }
        public int Total() => «Price» + next.«Price» + this.«next».«Total»() + «Limit»;
        public override void Close() { base.«Close»(); «Changed»?.Invoke(this, null); }
        public Item Add(Item item) { item.«Close»(); return this; }
        public void Map(Func<Item, int> f) { var x = f(this); int Local(int y) => «y» + «x»; «Local»(1); }
        public static bool operator ==(Item a, Item b) => a.«Price» == b.Price;
        public class Nested { public int Depth; public void Go() { «Limit».ToString(); «Empty».«Close»(); } }
        public Item this[int i] => «next»;
    }
    public enum Kind { One, Two }
    public record Point(int X, int Y) { public int Sum => «X» + «Y»; }
    public static class Extensions { public static int Twice(this Item item) => item.«Price» * 2; }
}
--- Services/Cart.cs
using Shop.Models;
using Alias = Shop.Models.Item;
using static Shop.Models.Kind;
namespace Shop.Services;
public class Cart<T> where T : Item
{
    private List<Item> items = new();
    private readonly IPriced priced;
    private T generic;
    public Cart(IPriced priced) => this.«priced» = priced;
    public void Run(Item a, Alias b, Kind kind)
    {
        a.«Total»(); b.«Total»(); «priced».«Total»(); generic.«Close»();
        a.Add(b).«Add»(a).«Close»();
        foreach (var item in items) { «item».«Close»(); }
        foreach (Item item in items) { item.«Close»(); }
        if (priced is Item it) { it.«Close»(); }
        switch (kind) { case Kind.«One»: break; case «Two»: break; }
        var made = new «Item»(a) { «Price» = 2 };
        made.«Twice»();
        var (x, y) = new Point(1, 2);
        Item.«Empty».«Close»();
        items.«Add»(a); items.«Map»(1);
        unknown.«Get»(1); unknown.«Twice»();
        var n = new Item.«Nested»(); n.«Go»();
        (priced as Item)?.«Close»();
        ((Item)priced).«Close»();
        using var d = new Point(1, 2); d.«Sum»;
        a[0].«Close»();
        var p = new Point(«X»: 1, Y: 2);
        «Helper»(); this.«Helper»(); nameof(«Helper»);
        Func<Item, int> f = q => «q».«Price»;
    }
    private void Helper() { }
    public partial class Part { void A() { «B»(); } }
    public partial class Part { void B() { } }
}
"##,
        expect![[r#"
            Models/Item.cs:13 next → field Shop.Models.Item.next Models/Item.cs:8 by scope
            Models/Item.cs:13 next → parameter next Models/Item.cs:13 by scope
            Models/Item.cs:13 Price → property Shop.Models.Item.Price Models/Item.cs:9 by scope
            Models/Item.cs:13 tag → field Shop.Models.Base.tag Models/Item.cs:5 by scope
            Models/Item.cs:14 Price → property Shop.Models.Item.Price Models/Item.cs:9 by scope
            Models/Item.cs:14 Price → property Shop.Models.Item.Price Models/Item.cs:9 by scope
            Models/Item.cs:14 next → field Shop.Models.Item.next Models/Item.cs:8 by scope
            Models/Item.cs:14 Total → method Shop.Models.Item.Total Models/Item.cs:14 by type
            Models/Item.cs:14 Limit → constant Shop.Models.Item.Limit Models/Item.cs:11 by scope
            Models/Item.cs:15 Close → method Shop.Models.Base.Close Models/Item.cs:5 by scope
            Models/Item.cs:15 Changed → field Shop.Models.Item.Changed Models/Item.cs:12 by scope
            Models/Item.cs:16 Close → method Shop.Models.Item.Close Models/Item.cs:15 by type
            Models/Item.cs:17 y → parameter y Models/Item.cs:17 by scope
            Models/Item.cs:17 x → local x Models/Item.cs:17 by scope
            Models/Item.cs:17 Local → function Shop.Models.Item.Map.Local Models/Item.cs:17 by scope
            Models/Item.cs:18 Price → property Shop.Models.Item.Price Models/Item.cs:9 by type
            Models/Item.cs:19 Limit → constant Shop.Models.Item.Limit Models/Item.cs:11 by scope
            Models/Item.cs:19 Empty → field Shop.Models.Item.Empty Models/Item.cs:10 by scope
            Models/Item.cs:19 Close → method Shop.Models.Item.Close Models/Item.cs:15 by scope
            Models/Item.cs:20 next → field Shop.Models.Item.next Models/Item.cs:8 by scope
            Models/Item.cs:23 X → property Shop.Models.Point.X Models/Item.cs:23 by scope
            Models/Item.cs:23 Y → property Shop.Models.Point.Y Models/Item.cs:23 by scope
            Models/Item.cs:24 Price → property Shop.Models.Item.Price Models/Item.cs:9 by type
            Services/Cart.cs:10 priced → field Cart.priced Services/Cart.cs:8 by scope
            Services/Cart.cs:13 Total → method Shop.Models.Item.Total Models/Item.cs:14 by type
            Services/Cart.cs:13 Total → method Shop.Models.Item.Total Models/Item.cs:14 by type
            Services/Cart.cs:13 priced → field Cart.priced Services/Cart.cs:8 by scope
            Services/Cart.cs:13 Total → method Shop.Models.IPriced.Total Models/Item.cs:4 by scope
            Services/Cart.cs:13 Close → any of method Shop.Models.Base.Close Models/Item.cs:5, method Shop.Models.Item.Close Models/Item.cs:15
            Services/Cart.cs:14 Add → method Shop.Models.Item.Add Models/Item.cs:16 by type
            Services/Cart.cs:14 Close → method Shop.Models.Item.Close Models/Item.cs:15 by type
            Services/Cart.cs:15 item → local item Services/Cart.cs:15 by scope
            Services/Cart.cs:15 Close → any of method Shop.Models.Base.Close Models/Item.cs:5, method Shop.Models.Item.Close Models/Item.cs:15
            Services/Cart.cs:16 Close → method Shop.Models.Item.Close Models/Item.cs:15 by type
            Services/Cart.cs:17 Close → method Shop.Models.Item.Close Models/Item.cs:15 by type
            Services/Cart.cs:18 One → variant Shop.Models.Kind.One Models/Item.cs:22 by import
            Services/Cart.cs:18 Two → variant Shop.Models.Kind.Two Models/Item.cs:22 by import
            Services/Cart.cs:19 Item → class Shop.Models.Item Models/Item.cs:6 by import
            Services/Cart.cs:19 Price → property Shop.Models.Item.Price Models/Item.cs:9 by type
            Services/Cart.cs:20 Twice → method Shop.Models.Extensions.Twice Models/Item.cs:24 by unique
            Services/Cart.cs:22 Empty → field Shop.Models.Item.Empty Models/Item.cs:10 by import
            Services/Cart.cs:22 Close → method Shop.Models.Item.Close Models/Item.cs:15 by import
            Services/Cart.cs:23 Add → any of method Shop.Models.Item.Add Models/Item.cs:16
            Services/Cart.cs:23 Map → any of method Shop.Models.Item.Map Models/Item.cs:17
            Services/Cart.cs:24 Get → any of method Shop.Models.Base.Get Models/Item.cs:5
            Services/Cart.cs:24 Twice → method Shop.Models.Extensions.Twice Models/Item.cs:24 by unique
            Services/Cart.cs:25 Nested → class Shop.Models.Item.Nested Models/Item.cs:19 by import
            Services/Cart.cs:25 Go → method Shop.Models.Item.Nested.Go Models/Item.cs:19 by type
            Services/Cart.cs:26 Close → method Shop.Models.Item.Close Models/Item.cs:15 by import
            Services/Cart.cs:27 Close → method Shop.Models.Item.Close Models/Item.cs:15 by import
            Services/Cart.cs:28 Sum → property Shop.Models.Point.Sum Models/Item.cs:23 by type
            Services/Cart.cs:29 Close → any of method Shop.Models.Base.Close Models/Item.cs:5, method Shop.Models.Item.Close Models/Item.cs:15
            Services/Cart.cs:30 X → property Shop.Models.Point.X Models/Item.cs:23 by type
            Services/Cart.cs:31 Helper → method Cart.Helper Services/Cart.cs:34 by scope
            Services/Cart.cs:31 Helper → method Cart.Helper Services/Cart.cs:34 by scope
            Services/Cart.cs:31 Helper → method Cart.Helper Services/Cart.cs:34 by scope
            Services/Cart.cs:32 q → parameter q Services/Cart.cs:32 by scope
            Services/Cart.cs:32 Price → any of property Shop.Models.IPriced.Price Models/Item.cs:4, property Shop.Models.Item.Price Models/Item.cs:9
            Services/Cart.cs:35 B → method Cart.Part.B Services/Cart.cs:36 by scope
        "#]],
    );
}
