# tabdis: `make` lists the targets. Go, Node and git are all that must be there; the rest is installed as needed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 5173

CLIENT := jsbridge/client
EXEC := $(CURDIR)/tests/browser/run.sh
JS := GOOS=js GOARCH=wasm
JSTEST = $(JS) TABDIS_BACKENDS=$(2) go test -count=1 -exec "$(EXEC) --target=$(1) --timeout=600"

# What runs under GOOS=js: all of the engine but what needs an operating system.
ENGINE := ./core ./core/aof ./core/command ./core/keyspace ./core/param ./core/rdb ./core/resp ./core/storage ./core/storage/memfs ./core/storage/faultfs

# What IndexedDB's tests need no browser for.
IDBFAULTS := Fault|Wakes|WithoutAWord|Damage|Vanish|Lost|Again|Silence|Slow|AnotherTab|Blocked|Cut|Hole|Abort

PROOFS := torture moments damage travel interop diskfull faults-opfs faults-idb kill-browser quota-browser soak soak-crash hammer failover leaks

.PHONY: help demo package wasm test test-native test-node test-chromium test-firefox test-webkit test-client test-package test-apps docs fuzz-keep lint bench bench-native bench-browser fuzz clean
.PHONY: proof $(PROOFS)

help: ## list the targets
	@awk -F':.*## ' '/^# ---- /{printf "\n%s\n", substr($$0, 8)} /^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- building

$(CLIENT)/node_modules/.package-lock.json: $(CLIENT)/package-lock.json
	@echo "Installing what the client is built with"
	npm ci --prefix $(CLIENT) --no-audit --no-fund
	@touch $@

demo/node_modules/.package-lock.json: demo/package-lock.json
	@echo "Installing what the demo is built with"
	npm ci --prefix demo --no-audit --no-fund
	@touch $@

tests/clients/node/node_modules/.package-lock.json: tests/clients/node/package-lock.json
	@echo "Installing the Redis clients for Node that the tests run"
	npm ci --prefix tests/clients/node --no-audit --no-fund
	@touch $@

wasm: $(CLIENT)/node_modules/.package-lock.json ## compile the engine to WebAssembly
	npm run --prefix $(CLIENT) --silent wasm

package: wasm ## build the npm package into jsbridge/client/dist, and pack it into jsbridge/client/tabdis-*.tgz
	npm run --prefix $(CLIENT) --silent build
	npm pack ./$(CLIENT) --pack-destination $(CLIENT) --silent

docs/node_modules/.package-lock.json: docs/package-lock.json
	@echo "Installing what the API reference is made with"
	npm ci --prefix docs --no-audit --no-fund
	@touch $@

docs: $(CLIENT)/node_modules/.package-lock.json docs/node_modules/.package-lock.json ## make the API reference in docs/dist; fails on what is not documented, and on dead links
	npm run --prefix docs --silent build

demo: package demo/node_modules/.package-lock.json ## build everything and serve the demo page on 127.0.0.1 (PORT=5173)
	npm run --prefix demo --silent build
	npm run --prefix demo --silent preview -- --host 127.0.0.1 --port $(PORT) --strictPort

# ---- testing

test: ## install what the tests need, then run all of them: native, Node, Chromium, Firefox, WebKit
	tests/run.sh

lint: package demo/node_modules/.package-lock.json ## formatting, vet for both platforms, types
	@test -z "$$(gofmt -l core jsbridge wasm tests)" || { echo "gofmt wants:"; gofmt -l core jsbridge wasm tests; exit 1; }
	go vet ./...
	$(JS) go vet ./...
	npm run --prefix $(CLIENT) --silent check
	npm run --prefix demo --silent check

test-native: tests/clients/node/node_modules/.package-lock.json $(CLIENT)/node_modules/.package-lock.json ## Go tests on this machine, with a real redis-server and Redis's clients
	go test ./...

test-node: $(CLIENT)/node_modules/.package-lock.json ## the engine and its suite under GOOS=js in Node
	$(call JSTEST,node,memfs+nodefs) $(ENGINE) ./jsbridge/nodefs ./tests/enginetest
	TABDIS_INDEXEDDB=fake $(call JSTEST,node,idb) -run '$(IDBFAULTS)' ./jsbridge/idb

test-chromium: ## the same inside a dedicated Worker of Chromium, over OPFS and IndexedDB
	$(call JSTEST,chromium,opfs+idb) -p 1 ./jsbridge/opfs ./jsbridge/idb ./tests/enginetest

test-firefox: ## the same inside a dedicated Worker of Firefox
	$(call JSTEST,firefox,opfs+idb) -p 1 ./jsbridge/opfs ./jsbridge/idb ./tests/enginetest

# What of tests/browser/client runs in WebKit, by name.
WEBKIT ?= client control tabs failover
WEBKIT_ALL := client control tabs standby control-tabs failover live adapters tools
test-webkit: package ## client suites in WebKitGTK, over IndexedDB: WEBKIT="client control tabs failover", or WEBKIT=all, with the storage in a Worker
	TABDIS_BROWSERS=webkit node --test --test-concurrency=2 $(patsubst %,tests/browser/client/%.test.mjs,$(if $(filter all,$(WEBKIT)),$(WEBKIT_ALL),$(WEBKIT)))
	$(if $(filter all,$(WEBKIT)),$(call JSTEST,webkit,idb) -p 1 ./jsbridge/idb)

test-package: package docs/node_modules/.package-lock.json ## the package in Node, over files, its tarball in fresh apps: a plain page, Node (APPS=vite,webpack), and the migration page's code
	node --test tests/package/node.test.mjs tests/package/auth.test.mjs tests/package/leaks.test.mjs
	TABDIS_APPS=$(APPS) node --test tests/package/apps.test.mjs
	npm test --prefix docs --silent

test-apps: package ## the tarball in all fresh apps: plain page, Vite, webpack, esbuild, rendered on a server, Node
	TABDIS_APPS=all node --test tests/package/apps.test.mjs

test-client: package demo/node_modules/.package-lock.json ## the npm package and the demo, in real browsers
	npm test --prefix $(CLIENT) --silent
	npm test --prefix demo --silent
	node --test --test-concurrency=2 tests/browser/exec.test.mjs tests/browser/client/

FUZZTIME ?= 60s
fuzz: ## fuzz each target for FUZZTIME (60s)
	@set -e; for pkg in $$(go list ./core/...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$pkg; \
		done; \
	done

# Of what reads the log, hostile bytes are kept that took a way of their own: every `go test` plays them again.
KEPT := aof/FuzzLoad aof/FuzzManifest aof/FuzzCheck rdb/FuzzReadFile
fuzz-keep: ## keep what fuzzing has found, up to 1 KiB each, as seeds of the log's readers
	@for target in $(KEPT); do \
		found=$$(go env GOCACHE)/fuzz/tabdis/core/$$target; kept=core/$${target%/*}/testdata/fuzz/$${target#*/}; \
		mkdir -p $$kept; [ ! -d $$found ] || find $$found -type f -size -3 -exec cp {} $$kept/ \; ; echo "$$kept: $$(ls $$kept | wc -l) seeds"; \
	done

# ---- the long suites: samples of them are in `make test`; each prints the seed that repeats a failure

SIZE ?= full
proof: ## all of these one after another, hours; then what each found and took (SIZE=small: a trial of minutes)
	@tests/proof.sh $(SIZE) $(PROOFS)

# What each is given, of which one is enough to say: make torture CRASHES=500.
CRASHES ?= 100000
KILLS ?= 200
MOMENTS ?= 1000
DAMAGES ?= 100000
TRAVELS ?= 1000
ROUNDS ?= 1000
FILLS ?= 20
DISKS ?= tmpfs
STRIDE ?= 1
EVENTS ?= 3
ON ?= node
APPS ?= plain,node
SOAK ?= 1h
CHANGES ?= 100000
TIMEOUT ?= 24h

# Runs the tests $(1) of $(2), without a line for each of their parts.
LONG = set -o pipefail; go test -count=1 -timeout $(TIMEOUT) -v -run '$(1)' $(2) | grep -v '^ *\(---\|===\) .*/'
JSLONG = $(JS) go test -count=1 -timeout $(TIMEOUT) -v -exec "$(EXEC) --target=$(1) --timeout=86400" -run '$(2)' $(3)

torture: ## crash the engine CRASHES=100000 times, kill the native server KILLS=200 times under each policy
	@export TABDIS_CRASHES=$(CRASHES) TABDIS_KILLS=$(KILLS); $(call LONG,NothingHeardOf|ExecutedOnce|OutlivesAKill,./tests/crash ./tests/server)

moments: ## rewrite MOMENTS=1000 logs under a storm of commands: each base is the moment of its cut
	@export TABDIS_MOMENTS=$(MOMENTS); $(call LONG,TestABaseIsTheMomentOfItsCut,./core)

damage: ## damage a log of all types: every cut, every bit, moved blocks, DAMAGES=100000 at random
	@export TABDIS_DAMAGES=$(DAMAGES); $(call LONG,TestDamage,./tests/crash)

travel: ## go back to every lsn of TRAVELS=1000 lives with rewrites, failures and crashes
	@export TABDIS_TRAVELS=$(TRAVELS); $(call LONG,TestEveryLSNIsTheStateOfThen,./core/aof)

interop: ## carry ROUNDS=1000 directories of random content to a real redis-server and back, twice over
	@export TABDIS_ROUNDS=$(ROUNDS); $(call LONG,^TestRounds$$,./tests/interop)

diskfull: ## fill a small disk under the native server, FILLS=20 times a policy (DISKS=tmpfs,ext4: needs root)
	@export TABDIS_DISKFULL_ROUNDS=$(FILLS) TABDIS_DISKFULL_ON=$(DISKS); $(call LONG,.,./tests/diskfull)

faults-opfs: ## fail each STRIDE=1st call to OPFS; play all schedules of EVENTS=3 events of its superblock
	@export TABDIS_EVENTS=$(EVENTS); $(call LONG,Schedules|EveryBit,./jsbridge/opfs)
	@export TABDIS_STRIDE=$(STRIDE); $(call JSLONG,chromium,FaultOfEachCall,./jsbridge/opfs)

faults-idb: $(CLIENT)/node_modules/.package-lock.json ## fail each STRIDE=1st transaction of IndexedDB in every way, take over from a leader asleep at each operation (ON=node, chromium, firefox)
	@export TABDIS_INDEXEDDB=fake TABDIS_IDB_STRIDE=$(STRIDE); $(call JSLONG,$(ON),FaultsEverywhere|WakesAfter,./jsbridge/idb)

kill-browser: package ## kill a real Chromium under load KILLS=200 times: tab, renderer, browser, over OPFS and IndexedDB
	TABDIS_KILLS=$(KILLS) node --test tests/browser/client/kill.test.mjs

quota-browser: package ## fill the quota of a real Chromium, over OPFS and IndexedDB
	TABDIS_QUOTA=all node --test tests/browser/client/quota.test.mjs

soak: ## play random sequences on the engine and a real redis-server, for a time or so many: SOAK=1h, SOAK=500
	@export TABDIS_SOAK=$(SOAK); $(call LONG,TestRandomSequences,./tests/conformance)

soak-crash: ## run all commands on a disk that fails and crashes, beside an oracle, for SOAK=1h or so many rounds
	@export TABDIS_SOAK=$(SOAK); $(call LONG,TestSoak,./tests/crash)

FAILOVERS ?= 500
BROWSERS ?= chromium
failover: package ## FAILOVERS=500 times the tab that leads is closed, crashed, killed, reloaded, frozen, stopped or hangs while four tabs write (BROWSERS=chromium,firefox,webkit)
	TABDIS_BROWSERS=$(BROWSERS) TABDIS_FAILOVERS=$(FAILOVERS) node --test tests/browser/client/failover.test.mjs

OPENS ?= 10000
CALLS ?= 1000000
PARTS ?= memory,opfs,idb,shared,tabs,calls,node
leaks: package ## open and close stores OPENS=10000 times, in Chromium and Node, make CALLS=1000000 calls of all kinds: nothing is left (PARTS=memory,opfs,idb,shared,tabs,calls,node)
	TABDIS_OPENS=$(OPENS) TABDIS_CALLS=$(CALLS) TABDIS_PARTS=$(PARTS) node --test --test-concurrency=2 tests/browser/client/leaks.test.mjs tests/package/leaks.test.mjs

hammer: $(CLIENT)/node_modules/.package-lock.json ## make CHANGES=100000 changes under live queries and the cache, on a real redis-server and natively
	cd $(CLIENT) && node build.mjs test && TABDIS_LIVE=$(CHANGES) node --test dist/test/live/live.test.mjs dist/test/live/cache.test.mjs

# ---- measuring

bench: bench-native bench-browser ## print the benchmark tables, both sides in one run

bench-native: ## what needs no browser, beside a real redis-server (ROWS=memory,load,pauses,throughput,checksum,rewrite)
	go run ./tests/bench/native

tests/bench/browser/node_modules/.package-lock.json: tests/bench/browser/package-lock.json
	@echo "Installing the stores that the benchmark measures beside"
	npm ci --prefix tests/bench/browser --no-audit --no-fund
	@touch $@

bench-browser: package tests/bench/browser/node_modules/.package-lock.json ## in Chromium, beside idb, Dexie, SQLite and PGlite (KEYS=100000 ROUNDS=3 ROWS=set,open,… STORES=tabdis,idb,…)
	npm run --prefix $(CLIENT) --silent bench
	node tests/bench/browser/build.mjs
	node tests/bench/browser/run.mjs

# ---- tidying

clean: ## remove what was built and installed
	rm -rf $(CLIENT)/dist $(CLIENT)/node_modules demo/dist demo/dist-test demo/node_modules tests/clients/node/node_modules
	rm -rf docs/dist docs/node_modules tests/bench/browser/node_modules tests/bench/browser/dist tests/package/apps/*/node_modules tests/package/apps/*/dist $(CLIENT)/*.tgz
