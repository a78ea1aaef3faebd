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
