# SPDX-License-Identifier: Apache-2.0
# The front door to Meson: what people type. `make help` lists it.

BUILD := build
PROGRAMS := dmvpnd dmvpnsh
TIME ?= 600
TARGET ?=
quietly := tools/quietly.sh

.PHONY: all help deps demo check lab lab-down bench fuzz soak install clean

all: $(BUILD)/build.ninja
	@$(quietly) "Building $(BUILD)/dmvpnd and $(BUILD)/dmvpnsh" ninja -C $(BUILD) $(PROGRAMS)

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || { echo "make: Meson is missing: run" \
		"'tools/install-deps.sh demo' as root first ('make demo' does it for you)" >&2; exit 1; }
	@$(quietly) "Configuring $(BUILD)" meson setup $(BUILD) -Dtests=auto

help:
	@echo "make            build $(BUILD)/dmvpnd and $(BUILD)/dmvpnsh"
	@echo "make demo       install what it needs, build, show the labs working, clean up"
	@echo "make check      install what it needs, build, run every test"
	@echo "make lab        start the reference lab and leave it running; make lab-down ends it"
	@echo "make bench      throughput and negotiations, beside bare veth, a copy-only tunnel and others"
	@echo "make fuzz       fuzz each target: TIME=seconds for each, TARGET=one of them"
	@echo "make soak       twenty minutes of renewals under traffic, nothing lost"
	@echo "make install    install (DESTDIR=...)"
	@echo "make clean      remove the build directories"

deps:
	@tools/install-deps.sh demo

demo: deps
	@$(MAKE) --no-print-directory all
	@lab/lab.sh demo

lab: deps
	@$(MAKE) --no-print-directory all
	@lab/lab.sh up

lab-down:
	@lab/lab.sh down

check:
	@tools/install-deps.sh check
	@/usr/bin/python3 tools/check.py

bench:
	@tools/install-deps.sh bench
	@$(MAKE) --no-print-directory all
	@bench/run.sh

fuzz:
	@tools/install-deps.sh check
	@/usr/bin/python3 tools/check.py fuzz --seconds $(TIME) $(if $(TARGET),--target $(TARGET))

soak: deps
	@$(MAKE) --no-print-directory all
	@/usr/bin/python3 lab/soak.py

install: all
	@$(quietly) "Building dmvpnd.conf(5)" ninja -C $(BUILD) packaging/dmvpnd.conf.5
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild --skip-subprojects

clean:
	@rm -rf build build-clang build-fuzz
