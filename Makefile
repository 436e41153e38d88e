# One Makefile, no recursion. A directory that holds main.c is a program.
VERSION    := 0.1.0
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr
CNI_BINDIR ?= /opt/cni/bin
DOCDIR     ?= $(PREFIX)/share/doc/rail-cni
BUILD      ?= build
DEPS       := build/deps

ifeq ($(FUZZ),1)
override CC := clang
endif

# STATIC=1 (the default) links rail-sriov and rail-ipam without any library of the
# host; STATIC=0 links dynamically, as distributions want it. The sanitizers need that.
STATIC ?= $(if $(SAN),0,1)

# CFLAGS and LDFLAGS belong to whoever builds; FLAGS is what the code needs. Text is
# truncated on purpose in messages, and checked for wherever it matters.
CFLAGS ?= -O2 -g
FLAGS  := -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. -MMD -MP \
	  -ffile-prefix-map=$(CURDIR)=. -ffunction-sections -fdata-sections \
	  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	  -Wno-format-truncation $(if $(findstring clang,$(CC)),-Wno-unknown-warning-option)
LINK   := -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack

# What makes a bug harder to use; tests/programs/hardening.sh looks for it in the binaries. It comes before
# CFLAGS: who wants less says so, and who says nothing of it (CFLAGS=-O3) keeps it.
MACHINE := $(shell $(CC) -dumpmachine)
FLAGS   += -fPIE -fstack-protector-strong -fstack-clash-protection \
	   $(if $(filter x86_64-%,$(MACHINE)),-fcf-protection=full) \
	   $(if $(filter aarch64-%,$(MACHINE)),-mbranch-protection=standard)

# Checked copies of memcpy() and others: not with the sanitizers, which see more, and not where the
# builder asks for a level. The compiler says what it has: 3, 2, or 0 without an optimizer.
ifeq ($(SAN)$(FUZZ)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
FORTIFY  = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(1)
FLAGS   += $(call FORTIFY,$(shell echo __USE_FORTIFY_LEVEL | $(CC) $(CFLAGS) $(call FORTIFY,3) \
	     -E -P -include features.h - 2> /dev/null | tail -n 1))
endif

ifeq ($(STATIC),1)
FLAGS     += -I$(DEPS)/cjson
CJSON     := $(BUILD)/cJSON.o
MNL       := $(DEPS)/libmnl.a
LINKCNI   := -static-pie
MD        := -l:libmd.a
else
FLAGS     += $(shell $(PKG_CONFIG) --cflags libcjson | sed 's/-I/-isystem /')
CJSON     := -lcjson
MNL       := -lmnl
LINKCNI   := -pie
MD        := -lmd
endif
ifeq ($(SAN),1)
BUILD     := $(BUILD)/san
FLAGS     += -fsanitize=address,undefined -fno-sanitize-recover=all
endif
# FUZZ=1 is for tests/fuzz: what libFuzzer must see, in a directory of its own.
ifeq ($(FUZZ),1)
BUILD     := $(BUILD)/fuzz
CFLAGS    := -O1 -g
FLAGS     += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
endif
ifneq ($(V),1)
Q = @printf '  %-5s %s\n' $(1) $@;
endif

CNI   := $(BUILD)/bin/rail-sriov $(BUILD)/bin/rail-ipam
INSTALLER := $(BUILD)/bin/rail-install
PROGS := $(CNI) $(BUILD)/bin/rdma-probe $(INSTALLER)
TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c tests/netns/test_*.c))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
objs   = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))

all: $(PROGS)                          ## build every program

# Below dynamic/ for valgrind, which cannot tell whose memory is whose in a static program.
$(BUILD)/dynamic/%: LINKCNI := -pie

$(BUILD)/bin/rail-sriov $(BUILD)/dynamic/rail-sriov: $(call objs,plugins/sriov) $(BUILD)/libpkg.a $(filter %.o %.a,$(CJSON) $(MNL))
	$(call Q,LD)mkdir -p $(@D) && $(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) $(LINK) $(LINKCNI) \
	  -o $@ $(filter %.o,$^) $(BUILD)/libpkg.a $(filter-out %.o,$(CJSON)) $(MNL) -lm

$(BUILD)/bin/rail-ipam $(BUILD)/dynamic/rail-ipam: $(call objs,ipam) $(BUILD)/libpkg.a $(filter %.o,$(CJSON))
	$(call Q,LD)mkdir -p $(@D) && $(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) $(LINK) $(LINKCNI) \
	  -o $@ $(filter %.o,$^) $(BUILD)/libpkg.a $(filter-out %.o,$(CJSON)) $(MD) -lm

$(INSTALLER): $(call objs,installer) $(BUILD)/libpkg.a
	$(call Q,LD)mkdir -p $(@D) && $(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) $(LINK) $(LINKCNI) -o $@ $^

# Always dynamic: verbs providers are loaded at run time.
PROBELIBS := $(filter-out %.o,$(MNL)) -libverbs -lnl-route-3 -lnl-3 -lm -pthread
$(BUILD)/bin/rdma-probe: $(call objs,plugins/rdma-probe) $(BUILD)/libpkg.a $(filter %.o,$(CJSON))
	$(call Q,LD)mkdir -p $(@D) && $(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) $(LINK) -pie \
	  -o $@ $(filter %.o,$^) $(BUILD)/libpkg.a $(filter-out %.o,$(CJSON)) $(PROBELIBS)

# The probe reads routes and neighbours with libnl-3, which libibverbs loads anyway.
$(BUILD)/plugins/rdma-probe/%.o: FLAGS += $(shell $(PKG_CONFIG) --cflags libnl-route-3.0)

$(BUILD)/libpkg.a: $(call objs,pkg)
$(BUILD)/libprobe.a: $(filter-out %/main.o,$(call objs,plugins/rdma-probe))
%.a:
	$(call Q,AR)rm -f $@ && $(AR) rcsD $@ $^

$(BUILD)/%.o: %.c
	$(call Q,CC)mkdir -p $(@D) && $(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/cJSON.o: $(DEPS)/cjson/cJSON.c
	$(call Q,CC)mkdir -p $(@D) && $(CC) $(filter-out -W%,$(FLAGS)) $(CFLAGS) -c -o $@ $<

$(DEPS)/libmnl.a $(DEPS)/cjson/cJSON.c:
	@echo "$@ is missing: run 'make deps' first, or build with STATIC=0" >&2; exit 1

# Order matters: what is built needs what deps installs.
deps:                                  ## install what building and testing need (root)
	@BUILD=build .ci/deps
$(PROGS) $(TESTS): | $(filter deps,$(MAKECMDGOALS))

# A test that mentions __wrap_foo(), or whose header of tests/ does, gets foo() wrapped;
# one whose first comment ends with "links: plugins/sriov/plan.c ..." gets those objects.
# Tests of the probe (test_probe_*) get what they need of all its objects but main.o.
, := ,
fakes = $(shell sed -n 's|^.include "\(tests/.*\)"$$|\1|p' $(1))
wraps = $(patsubst __wrap_%,-Wl$(,)--wrap=%,$(sort $(shell grep -oh '__wrap_[a-z0-9_]*' $(1) $(fakes))))
links = $(patsubst %.c,$(BUILD)/%.o,$(shell sed -n '/links: /,/\*\//p' $(1) | grep -o '[a-z-]*/[a-z_/-]*\.c'))
TESTLIBS := -lcmocka $(filter-out %.o %.a,$(CJSON)) $(MNL) -lmd -lm
$(BUILD)/tests/%: FLAGS += -Wno-missing-prototypes
.SECONDEXPANSION:
$(TESTS) $(FUZZERS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $$(call links,tests/$$*.c) $(BUILD)/libpkg.a $(filter %.o,$(CJSON))
	$(call Q,LD)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) $(call wraps,tests/$*.c) -o $@ \
	  $(filter-out %/libpkg.a,$^) $(BUILD)/libpkg.a $(TESTLIBS)

PROBETESTS := $(foreach test,$(TESTS),$(if $(findstring /test_probe_,$(test)),$(test)))
$(PROBETESTS): TESTLIBS += -Wl,--as-needed $(PROBELIBS)
$(PROBETESTS): $(BUILD)/libprobe.a

$(FUZZERS): TESTLIBS += -fsanitize=fuzzer
fuzzers: $(FUZZERS)
build-fuzzers:
	@$(MAKE) --no-print-directory FUZZ=1 fuzzers

# Programs that scripts use to test others.
TOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c))
$(TOOLS): $(BUILD)/%: $(BUILD)/%.o
	$(call Q,LD)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

# Runs alone in a container, where no sanitizer's libraries are.
$(BUILD)/tests/tools/pause: LDFLAGS += -static
$(BUILD)/tests/tools/pause $(BUILD)/tests/tools/pause.o: override FLAGS := $(filter-out -fsanitize% -fno-sanitize%,$(FLAGS))

# What rail-sriov is measured against, linked as it is.
BARE := $(BUILD)/tests/bench/bare
$(BARE): $(BARE).o $(BUILD)/libpkg.a $(filter %.o %.a,$(CJSON) $(MNL))
	$(call Q,LD)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) $(LINK) $(LINKCNI) \
	  -o $@ $< $(BUILD)/libpkg.a $(MNL)

# What benchmarks measure against.
BENCH := $(BUILD)/tests/bench/datagrams
$(BENCH): $(BUILD)/%: $(BUILD)/%.o
	$(call Q,LD)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -libverbs

.PHONY: bench-programs
bench-programs: all $(TOOLS) $(BENCH) $(BARE)  ## what the scripts of tests/bench need

# Scenarios of the lab say in their second line what they need.
LONG := tests/lab/ipam-kill.sh tests/conformance/hostile-all.sh tests/programs/valgrind.sh
RULES := $(filter-out %/lib.sh $(LONG),$(wildcard tests/conformance/*.sh))
HERE := $(filter-out %/lib.sh $(LONG),$(wildcard $(addprefix tests/,programs/*.sh ipam/*.sh probe/*.sh sriov/*.sh pack/*.sh kubernetes/*.sh conformance/*.sh docs/*.sh)))
# The fuzzers have sanitizers of their own.
HERE += $(if $(SAN),,tests/fuzz/fuzz.sh)
MODEL := $(filter-out %/lib.sh,$(wildcard tests/model/*.sh))
LAB  := $(filter-out $(LONG),$(shell grep -l '^\# lab: ' tests/lab/*.sh))

check-unit: $(TESTS)                   ## unit tests, and the kernel in throw-away namespaces
	@tests/run $(sort $(TESTS))

check-ipam: $(BUILD)/bin/rail-ipam $(TOOLS) ## rail-ipam on a local store, hangs and kills included
	@BUILD=$(BUILD) tests/run $(filter tests/ipam/%,$(HERE))

check-rules: $(CNI)                    ## both plugins against the rules of CNI, and hostile input
	@BUILD=$(BUILD) tests/run $(RULES)

check-model:                           ## the lease protocol, every state of it (spin)
	@tests/run $(MODEL)

JOBS ?= $(shell nproc)
test-programs: all $(TESTS) $(TOOLS) $(if $(SAN),,build-fuzzers)

check-fast: deps test-programs         ## every test that needs no virtual machine (root)
	@BUILD=$(BUILD) $(if $(SAN),SECONDS_EACH=1800) tests/run $(sort $(TESTS)) $(HERE)

# Two lanes at once: virtual machines, and what runs here, of which much waits for deadlines. The machines
# go first, since their clocks do not wait. walk.sh installs the packages that deb.sh makes, so both are
# in one lane; with it, and the runner's own tests, the two take about as long.
ASIDE := tests/lab/check-runner tests/lab/walk.sh
check-lab: test-programs
	@tests/run $(filter-out $(ASIDE),$(LAB))
check-here: test-programs
	@nice -n 5 tests/run $(sort $(TESTS)) $(HERE) $(MODEL) $(ASIDE)
	@nice -n 5 $(MAKE) --no-print-directory check-san
check: deps                            ## every test, those of the lab included (root)
	@$(MAKE) --no-print-directory -j$(JOBS) test-programs
	@$(MAKE) --no-print-directory -j$(JOBS) SAN=1 test-programs
	@counts=$$(mktemp) && COUNTS=$$counts $(MAKE) --no-print-directory -k -j2 check-here check-lab; status=$$?; \
	awk '{ p += $$1; f += $$2; s += $$3 } END { printf "all: %d passed, %d failed, %d skipped\n", p, f, s }' $$counts; \
	rm $$counts; exit $$status

# What kills at each system call, or runs a program a thousand times, takes long there.
SANESLOW := $(filter %/errors.sh %/kill.sh %/rules.sh %/proof.sh %/hostile.sh,$(HERE))
SANE := $(filter-out $(SANESLOW),$(filter tests/ipam/% tests/sriov/% tests/probe/%,$(HERE))) tests/programs/privileges.sh
check-sane: test-programs
	@BUILD=$(BUILD) tests/run $(sort $(TESTS)) $(SANE)
check-san:                             ## what needs no virtual machine, under the sanitizers for addresses and undefined behaviour
	@$(MAKE) --no-print-directory SAN=1 check-sane

check-sane-slow: test-programs
	@BUILD=$(BUILD) SECONDS_EACH=2400 tests/run $(SANESLOW)
check-san-slow: deps                   ## rules of CNI, hostile input, kills and errors at every system call, under the sanitizers (root)
	@$(MAKE) --no-print-directory SAN=1 check-sane-slow

# In virtual machines: what a kernel with VFs and RDMA devices answers is read by few others.
SANELAB := $(addprefix tests/lab/,sriov.sh rails.sh rdma.sh converge.sh conformance.sh routes.sh ipam-nfs.sh ipam-storm.sh \
           ipam-replay.sh multus.sh runtimes.sh probe.sh probe_diagnose.sh probe_mesh.sh probe_monitor.sh)
check-sane-lab: test-programs
	@mkdir -p build/lab && ln -sfn ../lab $(BUILD)/lab
	@BUILD=$(BUILD) tests/run $(SANELAB)
check-san-lab: deps                    ## scenarios of the lab, under the sanitizers (root)
	@$(MAKE) --no-print-directory SAN=1 check-sane-lab

check-long: deps all $(TOOLS) $(BUILD)/dynamic/rail-ipam $(BUILD)/dynamic/rail-sriov          ## proofs that take more than five minutes each (root)
	@SECONDS_EACH=3000 tests/run $(LONG)

FUZZ_SECONDS ?= 60
fuzz: build-fuzzers                    ## every parser of foreign bytes, FUZZ_SECONDS=60 each
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/fuzz.sh

bench: deps bench-programs             ## what an ADD costs, beside others; a thousand nodes at once; requests to an NFS server (root)
	@tests/bench/ipam.sh
	@tests/lab/run -n 2 -r 1 -t 1500 tests/bench/ipam-nfs.sh
	@tests/lab/run -i -n 1 -r 1 -t 1800 tests/bench/cni.sh

demo: deps all                         ## two nodes, two rails, a pod on each: the whole way (root)
	@tests/lab/demo

TIDY = $(FLAGS) $(shell pkg-config --cflags libnl-3.0 libmnl) -include tests/tools/always_fails.h

lint:                                  ## static analysis of C and of scripts (.clang-tidy says what is left out, and why)
	@# what goes out through a pointer in a struct it takes for leaked, and a reallocarray() that failed
	@# for a free(): those are for make check-san
	$(MAKE) BUILD=$(BUILD)/analyzer CFLAGS='-O2 -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-double-free -Werror'
	@# a window's path is what window_open() is there to fill in
	cppcheck --std=c11 --quiet --error-exitcode=1 --suppress=memleak -I. \
	  --suppress=ctuuninitvar:plugins/sriov/rdma_tos.c \
	  --library=tests/tools/loops.cfg \
	  pkg plugins ipam installer
	clang-tidy --quiet $$(git ls-files 'p*.c' 'i*.c' | grep -v -e rdma-probe -e ^pkg/err.c) -- $(TIDY)
	clang-tidy --quiet $$(git ls-files 'plugins/rdma-probe/*.c' | grep -v fault.c) -- $(TIDY) -DLINT_PROBE
	shellcheck -x -S warning $$(git grep -lE '^#!/bin/(ba)?sh' ':!*.md')
	clang-format --dry-run -Werror $$(git ls-files '*.[ch]')

fmt:                                   ## reformat every source file
	clang-format -i $$(git ls-files '*.[ch]')

SAMPLES := $(filter-out conf/tmpfiles.conf,$(wildcard conf/*.* conf/*/*.*))

# The plugins are for people, too: their names in PATH lead to where the runtime finds them.
install: all                           ## install below DESTDIR
	install -D -t $(DESTDIR)$(CNI_BINDIR) $(CNI)
	install -D -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/bin/rdma-probe
	mkdir -p $(DESTDIR)$(PREFIX)/sbin
	$(foreach f,$(notdir $(CNI)),ln -sfn $(CNI_BINDIR)/$f $(DESTDIR)$(PREFIX)/sbin/$f &&) true
	install -D -m 644 conf/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/rail-cni.conf
	$(foreach f,$(wildcard man/*.[1-8]),install -D -m 644 -t \
	  $(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $f)) $f &&) true
	$(foreach f,$(wildcard completion/*),install -D -m 644 -t \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions $f &&) true
	$(foreach f,$(SAMPLES),install -D -m 644 $f $(DESTDIR)$(DOCDIR)/examples/$(f:conf/%=%) &&) true

# From what git knows, so that nothing of this directory's slips in.
deb:                                   ## Debian packages, into build/deb
	rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb/railcni
	git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C $(BUILD)/deb/railcni
	cd $(BUILD)/deb/railcni && env -u MAKEFLAGS -u MAKELEVEL -u BUILD dpkg-buildpackage -us -uc

image: $(CNI) $(INSTALLER)             ## an OCI image of the plugins and their installer, into build/image
	BUILD=$(BUILD) installer/image $(VERSION) $^

clean:                                 ## remove what was built; what was fetched stays
	$(RM) -r $(addprefix $(BUILD)/,bin dynamic tests plugins ipam pkg libpkg.a libprobe.a installer cJSON.o san analyzer fuzz deb image)

help:                                  ## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

.PHONY: all deps check check-here check-lab check-fast test-programs check-unit check-ipam check-rules check-model check-san check-sane check-san-slow check-sane-slow check-san-lab check-sane-lab check-long fuzz fuzzers build-fuzzers bench demo lint fmt install deb image clean help
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' -type f -not -path '*/lab/*' -not -path '*/deb/*' 2>/dev/null)
