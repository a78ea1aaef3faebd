//! Ruby.

use expect_test::expect;

use super::check;

#[test]
fn scopes() {
    check(
        r##"--- a.rb
def run(limit, size: 1, &block)
  total = «limit» + «size»
  [1].each { |item| total += «item» }
  «block».call
  «helper»(total)
  x = Proc.new { |limit| «limit» }
  «total»
end
def helper(value) = «value»
value = 1
puts «value»
"##,
        expect![[r#"
            a.rb:2 limit → parameter limit a.rb:1 by scope
            a.rb:2 size → parameter size a.rb:1 by scope
            a.rb:3 item → parameter item a.rb:3 by scope
            a.rb:4 block → parameter block a.rb:1 by scope
            a.rb:5 helper → function helper a.rb:9 by file
            a.rb:6 limit → parameter limit a.rb:6 by scope
            a.rb:7 total → local total a.rb:2 by scope
            a.rb:9 value → parameter value a.rb:9 by scope
            a.rb:11 value → local value a.rb:10 by scope
        "#]],
    );
}

#[test]
fn members() {
    check(
        r##"--- lib/pool.rb
module Shop
  LIMIT = 1
  class Base
    def close; end
    def self.count; end
  end
  module Helpers
    def help; «get»; end
  end
  class Pool < «Base»
    include «Helpers»
    attr_reader :names
    def initialize(name)
      @name = name
      @base = Base.new
      «close»
      self.«help»
    end
    def get; @«name» + @base.«close» + «LIMIT» + «names»; end
    def self.make; «new»("x"); end
  end
end
--- app.rb
require_relative "lib/pool"
class App
  def run(unknown)
    pool = Shop::«Pool».«new»("x")
    pool.«get»
    pool.«help»
    Shop::Pool.«make»
    Shop::Base.«count»
    unknown.«get»
    [].«get»
    unknown.«names»
    «missing»
  end
end
"##,
        expect![[r#"
            lib/pool.rb:8 get → any of method Shop.Pool.get lib/pool.rb:19
            lib/pool.rb:10 Base → class Shop.Base lib/pool.rb:3 by file
            lib/pool.rb:11 Helpers → module Shop.Helpers lib/pool.rb:7 by file
            lib/pool.rb:16 close → method Shop.Base.close lib/pool.rb:4 by scope
            lib/pool.rb:17 help → method Shop.Helpers.help lib/pool.rb:8 by scope
            lib/pool.rb:19 name → field Shop.Pool.name lib/pool.rb:14 by scope
            lib/pool.rb:19 close → method Shop.Base.close lib/pool.rb:4 by type
            lib/pool.rb:19 LIMIT → constant Shop.LIMIT lib/pool.rb:2 by file
            lib/pool.rb:19 names → property Shop.Pool.names lib/pool.rb:12 by scope
            lib/pool.rb:20 new → constructor Shop.Pool.initialize lib/pool.rb:13 by scope
            app.rb:4 Pool → class Shop.Pool lib/pool.rb:10 by unique
            app.rb:4 new → constructor Shop.Pool.initialize lib/pool.rb:13 by unique
            app.rb:5 get → method Shop.Pool.get lib/pool.rb:19 by type
            app.rb:6 help → method Shop.Helpers.help lib/pool.rb:8 by type
            app.rb:7 make → method Shop.Pool.make lib/pool.rb:20 by unique
            app.rb:8 count → method Shop.Base.count lib/pool.rb:5 by unique
            app.rb:9 get → any of method Shop.Pool.get lib/pool.rb:19
            app.rb:10 get → any of method Shop.Pool.get lib/pool.rb:19
            app.rb:11 names → property Shop.Pool.names lib/pool.rb:12 by unique
            app.rb:12 missing → nothing
        "#]],
    );
}

#[test]
fn constants() {
    check(
        r##"--- a.rb
module A
  class Config; def self.load; end; end
  class Use; def run; «Config».«load»; end; end
end
--- b.rb
module B
  class Config; def self.load; end; end
  def self.run; «Config».«load»; A::«Config».«load»; end
end
--- c.rb
def run; B::Config.«load»; «Config»; end
"##,
        expect![[r#"
            a.rb:3 Config → class A.Config a.rb:2 by file
            a.rb:3 load → method A.Config.load a.rb:2 by file
            b.rb:3 Config → class B.Config b.rb:2 by file
            b.rb:3 load → method B.Config.load b.rb:2 by file
            b.rb:3 Config → class A.Config a.rb:2 by unique
            b.rb:3 load → method A.Config.load a.rb:2 by unique
            c.rb:1 load → method B.Config.load b.rb:2 by unique
            c.rb:1 Config → any of class A.Config a.rb:2, class B.Config b.rb:2
        "#]],
    );
}

#[test]
fn a_field_and_the_method_that_reads_it() {
    check(
        r##"--- a.rb
class Ship
  def initialize(name); @«name» = name; end
  def name; @«name»; end
  def show; @«name»; end
end
"##,
        expect![[r#"
            a.rb:2 name → field Ship.name a.rb:2 by scope
            a.rb:3 name → field Ship.name a.rb:2 by scope
            a.rb:4 name → field Ship.name a.rb:2 by scope
        "#]],
    );
}

#[test]
fn what_is_assigned_values_of_several_types() {
    check(
        r##"--- a.rb
class Aa
  def quack; end
end
class Bb
  def quack; end
end
class Cc
  def quack; end
end
class Pond
  def initialize
    @f = Aa.new
    @g = nil
  end
  def change
    @f = Bb.new
    @g = Bb.new
  end
  def use
    @f.«quack»
    @g.«quack»
    x = Aa.new
    x = Bb.new
    x.«quack»
    y = nil
    y = Aa.new
    y.«quack»
    z = nil
    z.«quack»
  end
end
"##,
        expect![[r#"
            a.rb:20 quack → any of method Aa.quack a.rb:2, method Bb.quack a.rb:5
            a.rb:21 quack → method Bb.quack a.rb:5 by type
            a.rb:24 quack → any of method Aa.quack a.rb:2, method Bb.quack a.rb:5
            a.rb:27 quack → method Aa.quack a.rb:2 by type
            a.rb:29 quack → any of method Aa.quack a.rb:2, method Bb.quack a.rb:5, method Cc.quack a.rb:8
        "#]],
    );
}

#[test]
fn modules_and_classes_in_several_files() {
    check(
        r##"--- lib/shop.rb
module Shop
  class Cart; def total; 1; end; end
  module Tools; def self.help; end; end
end
--- lib/shop/item.rb
module Shop
  class Cart; def more; «total»; end; end
  Pair = Struct.new(:left, :right) do
    def swap; «left»; end
  end
  module Tools; def self.assist; «help»; end; end
end
--- lib/other.rb
class Cart; def total; 2; end; end
--- bin/run.rb
Shop::Cart.new.«total»
Shop::Cart.new.«more»
Shop::Tools.«help»
Shop::Tools.«assist»
Shop::Pair.new(1, 2).«swap»
Cart.new.«total»
x = Shop::«Pair»
"##,
        expect![[r#"
            lib/shop/item.rb:2 total → method Shop.Cart.total lib/shop.rb:2 by scope
            lib/shop/item.rb:4 left → nothing
            lib/shop/item.rb:6 help → method Shop.Tools.help lib/shop.rb:3 by unique
            bin/run.rb:1 total → method Shop.Cart.total lib/shop.rb:2 by unique
            bin/run.rb:2 more → method Shop.Cart.more lib/shop/item.rb:2 by unique
            bin/run.rb:3 help → method Shop.Tools.help lib/shop.rb:3 by unique
            bin/run.rb:4 assist → method Shop.Tools.assist lib/shop/item.rb:6 by unique
            bin/run.rb:5 swap → method Shop.swap lib/shop/item.rb:4 by unique
            bin/run.rb:6 total → any of method Cart.total lib/other.rb:1, method Shop.Cart.total lib/shop.rb:2
            bin/run.rb:7 Pair → constant Shop.Pair lib/shop/item.rb:3 by unique
        "#]],
    );
}

#[test]
fn members_of_a_shop() {
    check(
        r##"--- lib/shop.rb
require_relative 'shop/item'
module Shop
  LIMIT = 3
  class Error < StandardError; end
  class Cart
    include «Countable»
    attr_reader :items, :owner
    attr_accessor :name
    def self.build(owner) = «new»(owner)
    def initialize(owner)
      @owner = owner
      @items = []
      @first = Item.new(1)
    end
    def add(item)
      @items << item
      «total»
      self.«total»
      @first.«price»
      first.«price»
      item.«price»
      «raise_limit»(LIMIT) if «LIMIT» > 2
      raise «Error», "x"
    end
    def total
      sum = 0
      @items.each { |item| sum += «item».price }
      «sum»
    end
    def first = @first
    def get(key) = «items».«first»
    class << self
      def shared; @shared ||= «build»(nil); end
    end
    private
    def raise_limit(n); «n»; «count_all»; end
  end
end
--- lib/shop/item.rb
module Shop
  module Countable
    def count_all; «total»; end
    def self.included(base); base.extend(ClassMethods); end
  end
  class Item
    attr_reader :price
    def initialize(price); @price = price; end
    def get; end
    def map; yield «price»; end
    Struct.new(:a, :b)
  end
  Pair = Struct.new(:left, :right) do
    def swap; «Pair».new(right, left); end
  end
end
--- bin/run.rb
require 'shop'
include Shop
cart = Shop::Cart.«new»(1)
cart.«add»(Shop::Item.new(2))
cart.«name» = "x"
Shop::Cart.«build»(1).«total»
Shop::Cart.«shared».«add»(1)
other = «Cart».new(2)
other.«first».«price»
[1].«map» { |x| «x» }
{}.«get»(1)
unknown.«get»
unknown.«swap»
pair = Shop::Pair.new(1, 2)
pair.«swap»
def helper(cart) = «cart».«total»
«helper»(cart)
Shop::«LIMIT»
alias_it = Shop::Item
alias_it.«new»(1).«get»
case cart
when Shop::«Cart» then 1
end
begin; rescue Shop::«Error» => e; «e».«message»; end
"##,
        expect![[r#"
            lib/shop.rb:6 Countable → module Shop.Countable lib/shop/item.rb:2 by unique
            lib/shop.rb:9 new → constructor Shop.Cart.initialize lib/shop.rb:10 by scope
            lib/shop.rb:17 total → method Shop.Cart.total lib/shop.rb:25 by scope
            lib/shop.rb:18 total → method Shop.Cart.total lib/shop.rb:25 by scope
            lib/shop.rb:19 price → property Shop.Item.price lib/shop/item.rb:7 by type
            lib/shop.rb:20 price → property Shop.Item.price lib/shop/item.rb:7 by scope
            lib/shop.rb:21 price → property Shop.Item.price lib/shop/item.rb:7 by unique
            lib/shop.rb:22 raise_limit → method Shop.Cart.raise_limit lib/shop.rb:36 by scope
            lib/shop.rb:22 LIMIT → constant Shop.LIMIT lib/shop.rb:3 by file
            lib/shop.rb:23 Error → class Shop.Error lib/shop.rb:4 by file
            lib/shop.rb:27 item → parameter item lib/shop.rb:27 by scope
            lib/shop.rb:28 sum → local sum lib/shop.rb:26 by scope
            lib/shop.rb:31 items → property Shop.Cart.items lib/shop.rb:7 by scope
            lib/shop.rb:31 first → any of field Shop.Cart.first lib/shop.rb:13, method Shop.Cart.first lib/shop.rb:30
            lib/shop.rb:33 build → method Shop.Cart.build lib/shop.rb:9 by scope
            lib/shop.rb:36 n → parameter n lib/shop.rb:36 by scope
            lib/shop.rb:36 count_all → method Shop.Countable.count_all lib/shop/item.rb:3 by scope
            lib/shop/item.rb:3 total → any of method Shop.Cart.total lib/shop.rb:25
            lib/shop/item.rb:10 price → property Shop.Item.price lib/shop/item.rb:7 by scope
            lib/shop/item.rb:14 Pair → constant Shop.Pair lib/shop/item.rb:13 by file
            bin/run.rb:3 new → constructor Shop.Cart.initialize lib/shop.rb:10 by unique
            bin/run.rb:4 add → method Shop.Cart.add lib/shop.rb:15 by type
            bin/run.rb:5 name → property Shop.Cart.name lib/shop.rb:8 by type
            bin/run.rb:6 build → method Shop.Cart.build lib/shop.rb:9 by unique
            bin/run.rb:6 total → method Shop.Cart.total lib/shop.rb:25 by unique
            bin/run.rb:7 shared → method Shop.Cart.shared lib/shop.rb:33 by unique
            bin/run.rb:7 add → method Shop.Cart.add lib/shop.rb:15 by unique
            bin/run.rb:8 Cart → class Shop.Cart lib/shop.rb:5 by unique
            bin/run.rb:9 first → method Shop.Cart.first lib/shop.rb:30 by type
            bin/run.rb:9 price → property Shop.Item.price lib/shop/item.rb:7 by type
            bin/run.rb:10 map → any of method Shop.Item.map lib/shop/item.rb:10
            bin/run.rb:10 x → parameter x bin/run.rb:10 by scope
            bin/run.rb:11 get → any of method Shop.Cart.get lib/shop.rb:31, method Shop.Item.get lib/shop/item.rb:9
            bin/run.rb:12 get → any of method Shop.Cart.get lib/shop.rb:31, method Shop.Item.get lib/shop/item.rb:9
            bin/run.rb:13 swap → method Shop.swap lib/shop/item.rb:14 by unique
            bin/run.rb:15 swap → method Shop.swap lib/shop/item.rb:14 by unique
            bin/run.rb:16 cart → parameter cart bin/run.rb:16 by scope
            bin/run.rb:16 total → method Shop.Cart.total lib/shop.rb:25 by unique
            bin/run.rb:17 helper → function helper bin/run.rb:16 by file
            bin/run.rb:18 LIMIT → constant Shop.LIMIT lib/shop.rb:3 by unique
            bin/run.rb:20 new → constructor Shop.Item.initialize lib/shop/item.rb:8 by type
            bin/run.rb:20 get → method Shop.Item.get lib/shop/item.rb:9 by type
            bin/run.rb:22 Cart → class Shop.Cart lib/shop.rb:5 by unique
            bin/run.rb:24 Error → class Shop.Error lib/shop.rb:4 by unique
            bin/run.rb:24 e → local e bin/run.rb:24 by scope
            bin/run.rb:24 message → nothing
        "#]],
    );
}
