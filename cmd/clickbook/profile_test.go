package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"
)

// profiles names the directory in which a server that a benchmark starts and stops leaves profiles of itself. `make
// profile` sets it.
const profiles = "CLICKBOOK_PROFILES"

// profiledMain is main with profiles.
func profiledMain(dir string) {
	stop, err := profile(dir)
	if err != nil {
		panic(err)
	}
	code := runMain()
	if err := stop(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// profile profiles this process until stop is called, which writes the files cpu, block, mutex and allocs into dir.
func profile(dir string) (stop func() error, err error) {
	cpu, err := os.Create(filepath.Join(dir, "cpu"))
	if err != nil {
		return nil, err
	}
	runtime.SetMutexProfileFraction(10)
	runtime.SetBlockProfileRate(int(10 * time.Microsecond))
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		err := cpu.Close()
		for _, name := range []string{"block", "mutex", "allocs"} {
			file, failed := os.Create(filepath.Join(dir, name))
			if failed == nil {
				failed = errors.Join(pprof.Lookup(name).WriteTo(file, 0), file.Close())
			}
			err = errors.Join(err, failed)
		}
		return err
	}, nil
}
