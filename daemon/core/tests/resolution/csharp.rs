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
