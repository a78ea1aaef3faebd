//! Ruby.

use expect_test::expect;

use super::check;
use crate::kinds::Language;

const SOURCE: &str = r##"
# frozen_string_literal: true
require "json"
require_relative "item"

$debug = false

# Everything sold.
module Shop
  # A basket.
  class Basket < Store::Base
    include Enumerable
    attr_reader :items, :owner
    LIMIT = 10

    def initialize(owner, limit: LIMIT, *rest, &block)
      @owner = owner
      @count ||= 0
      @@total = limit
      self.items = rest
    end

    def each
      @items.each { |item, (a, b)| yield item.name }
      first, *others = @items
      puts "#{first} of #{count}"
    rescue IOError => error
      raise Failure.new(error), :why
    end

    def self.make(owner) = new(owner)
    def ==(other); other.owner == owner; end
    def limit=(value)
      @limit = value
    end

    class << self
      def empty?; true end
    end

    private

    alias size count
    alias limit? empty?
    alias bound= limit=
    alias_method :length, :size
    alias $bug $debug
    KEYS = %i[items owner]
  end
end

def helper(x, y = 2)
  z = Shop::Basket.make(x)
  z.limit += y
  { key: z, "s" => :sym }
end
"##;

#[test]
fn fixture() {
    check(
        Language::Ruby,
        SOURCE,
        expect![[r#"
            6:2 variable debug: =false [6-6] $debug = false
            9:8 module Shop [9-50] module Shop // Everything sold.
            11:9 class Shop.Basket < Store::Base, Enumerable [11-49] class Basket < Store::Base
            13:18 property Shop.Basket.items [13-13] :items
            13:26 property Shop.Basket.owner [13-13] :owner
            14:5 constant Shop.Basket.LIMIT [14-14] LIMIT = 10
            16:9 constructor Shop.Basket.initialize [16-21] def initialize(owner, limit: LIMIT, *rest, &block)
            18:8 field Shop.Basket.count [18-18] @count ||= 0
            19:9 field Shop.Basket.total [19-19] @@total = limit
            23:9 method Shop.Basket.each [23-29] def each
            31:14 method Shop.Basket.make [31-31] def self.make(owner)
            32:9 method Shop.Basket.== [32-32] def ==(other)
            33:9 method Shop.Basket.limit [33-35] def limit=(value)
            38:11 method Shop.Basket.empty? [38-38] def empty?
            43:11 method Shop.Basket.size [43-43] alias size count
            44:11 method Shop.Basket.limit? [44-44] alias limit? empty?
            45:11 method Shop.Basket.bound [45-45] alias bound= limit
            46:19 method Shop.Basket.length [46-46] alias_method :length, :size
            47:12 variable Shop.Basket.bug [47-47] alias $bug $debug
            48:5 constant Shop.Basket.KEYS [48-48] KEYS = %i[items owner]
            52:5 function helper [52-56] def helper(x, y = 2)
            3:9 import json "*"
            4:18 import ./item "*"
        "#]],
        expect![[r#"
            3 in -: call require,
            4 in -: call require_relative,
            11 in Shop.Basket: read Store, inherit Store|Base,
            12 in Shop.Basket: call include, inherit Enumerable,
            13 in Shop.Basket: call attr_reader,
            16 in Shop.Basket.initialize: parameter owner, parameter limit, read LIMIT, parameter rest, parameter block,
            17 in Shop.Basket.initialize: write @|owner, read owner^16,
            19 in Shop.Basket.initialize: read limit^16,
            20 in Shop.Basket.initialize: write self|items, read rest^16,
            24 in Shop.Basket.each: read @|items, call @.items|each, parameter item, parameter a, parameter b, read item^24, call item|name,
            25 in Shop.Basket.each: local first, local others, read @|items,
            26 in Shop.Basket.each: call puts, read first^25, read count,
            27 in Shop.Basket.each: read IOError, local error,
            28 in Shop.Basket.each: call raise, read Failure, call Failure|new, read error^27, read why,
            31 in Shop.Basket.make: parameter owner, call new, read owner^31,
            32 in Shop.Basket.==: parameter other, read other^32, call other|owner, read owner,
            33 in Shop.Basket.limit: parameter value,
            34 in Shop.Basket.limit: write @|limit, read value^33,
            41 in Shop.Basket: read private,
            43 in Shop.Basket: read count,
            44 in Shop.Basket: read empty?,
            45 in Shop.Basket: read limit,
            46 in Shop.Basket: call alias_method, read size,
            47 in Shop.Basket: read debug,
            48 in Shop.Basket: read items, read owner,
            52 in helper: parameter x, parameter y,
            53 in helper: local z: =Shop::Basket.make(), read Shop, read Shop|Basket, call Shop::Basket|make, read x^52,
            54 in helper: read z^53, write z|limit, read y^52,
            55 in helper: write :|key, read z^53, read sym,
        "#]],
    );
}
