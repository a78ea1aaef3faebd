# Everything a person or a machine runs here. One build profile (release) serves the product, the demo and the tests.

CARGO ?= cargo

.PHONY: build demo test lint lint-nvim docs vectors man stage deb

build:
	$(CARGO) build --release --locked --workspace --bins

demo: build
	@tests/demo.sh

# Tests that need more than Rust, a C compiler and make name themselves when they are skipped; VIGIE_TEST_NO_SKIP=1 makes that fatal.
test: build
	@rm -f target/skipped
	VIGIE_TEST_SKIPS=$(CURDIR)/target/skipped $(CARGO) test --release --locked --workspace
	@if [ -s target/skipped ]; then sort -u target/skipped; else echo "no test was skipped"; fi

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

# The editor plugin; .ci/setup installs both tools.
lint-nvim:
	cd client/nvim && ../../target/tools/stylua/node_modules/.bin/stylua --check . && luacheck --quiet .

docs:
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --release --locked --workspace --no-deps

# Writes the golden vectors of the protocol anew, until protocol 1 is frozen. Where a message or number is new in PROTOCOL.md,
# `nvim -l client/nvim/scripts/schema.lua` tells the editor plugin.
vectors:
	$(CARGO) run --release --locked -p vigie-proto --example vectors

# The manual pages, into target/man.
man: build
	rm -rf target/man
	target/release/vigie man target/man
	target/release/vigied man target/man

# What packages hold, as it lies on a machine, in target/package/root.
stage: build
	packaging/stage target/package/root

# A Debian package, target/debian/*.deb. Its builder is compiled once.
deb: stage target/tools/bin/cargo-deb
	rm -f target/debian/vigie_*.deb
	version=$$(target/release/vigie --version | sed 's/^vigie //; s/-/~/')-1 && \
	printf 'vigie (%s) unstable; urgency=low\n\n  * See changelog.gz.\n\n -- The Vigie authors <vigie@localhost>  %s\n' \
	    "$$version" "$$(date -R -d @$${SOURCE_DATE_EPOCH:-0})" >target/package/changelog && \
	target/tools/bin/cargo-deb deb --package vigie --deb-version "$$version" --no-build --no-strip --locked --quiet --output target/debian/

target/tools/bin/cargo-deb:
	CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off $(CARGO) install --quiet --locked cargo-deb@3.8.0 \
	    --root target/tools --target-dir target/tools/build
