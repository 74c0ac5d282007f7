package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// smallDisk is a file system with little room, or a skip where nobody may mount one.
func smallDisk(t *testing.T, megabytes string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+megabytes+"m"); err != nil {
		t.Skipf("a small disk cannot be mounted here (%v): nothing was proved about full disks", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestAFullDiskLosesNoAnswer fills the disk under a server while clients book. They are told, the server says what to
// do, and when there is room again everything that was granted is there.
func TestAFullDiskLosesNoAnswer(t *testing.T) {
	disk := smallDisk(t, "6")
	dir := filepath.Join(disk, "data")
	c := newCrowd(t, installation.Home{Data: dir}, time.Now())
	s := serving(t, installation.Home{Data: dir})
	s.key = c.key
	ballast := filepath.Join(disk, "ballast")
	refused := c.bookUntilRefused(s, func(n int) {
		if n == 20 {
			fill(t, ballast)
		}
	})
	switch {
	case refused.status == 0: // a part of the server met it first
		until(t, "the end of the server", func() bool { return !s.alive() })
	case refused.status != http.StatusInsufficientStorage || refused.text("code") != "disk_full":
		t.Errorf("a full disk was answered %d: %s", refused.status, refused.raw)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	last := c.wish(c.now, len(c.granted))
	until(t, "room for the wish that was refused", func() bool {
		if !s.alive() { // a part of it could not go on: it said so and ended
			if code := s.code(); code != exitFault || !strings.Contains(s.errs.String(), "is full, so nothing was saved; free") {
				t.Fatalf("the server ended with %d: %s", code, s.errs.String())
			}
			s = serving(t, installation.Home{Data: dir})
			s.key = c.key
		}
		got := c.send(s, last)
		return got.status == http.StatusCreated && c.note(t, last, got)
	})
	s.kill()
	h := afterwards(t, installation.Home{Data: dir})
	defer h.close()
	c.examine(h)
	examineLog(h)
}

// bookUntilRefused books one after another; before each it tells how many there were.
func (c *crowd) bookUntilRefused(s *server, before func(n int)) answer {
	for n := 0; ; n++ {
		before(n)
		w := c.wish(c.now, n)
		got := c.send(s, w)
		if got.status != http.StatusCreated || !c.note(s.t, w, got) {
			return got
		}
	}
}

func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	for {
		if _, err := file.Write(block); err != nil {
			return
		}
	}
}
