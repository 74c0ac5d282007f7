package main

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// smallDisk mounts a small file system. It skips the test if mounting is not allowed.
func smallDisk(t *testing.T, megabytes string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+megabytes+"m"); err != nil {
		t.Skipf("a small disk cannot be mounted (%v): full disks are not tested", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDiskLosesNoBooking fills the disk of a server while clients book. Writes are refused, reads go on, health says
// why, and once there is room again everything continues by itself and every granted booking is there.
func TestFullDiskLosesNoBooking(t *testing.T) {
	disk := smallDisk(t, "6")
	dir := filepath.Join(disk, "data")
	c := newCrowd(t, installation.Location{Data: dir}, time.Now())
	s := serving(t, installation.Location{Data: dir})
	s.key = c.key
	ballast := filepath.Join(disk, "ballast")
	refused := c.bookUntilRefused(s, func(n int) {
		if n == 20 {
			fill(t, ballast)
		}
	})
	if refused.status != http.StatusInsufficientStorage || refused.text("code") != "disk_full" {
		t.Errorf("on a full disk a booking got status %d: %s", refused.status, refused.raw)
	}
	waitUntil(t, "health to say that the disk is full", func() bool { return s.troubled("the disk is full") })
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	last := c.request(c.now, len(c.granted))
	waitUntil(t, "the refused request to succeed", func() bool {
		got := c.send(s, last)
		return got.status == http.StatusCreated && c.note(t, last, got)
	})
	waitUntil(t, "health to be well again", func() bool { return s.get("/health").text("status") == "serving" })
	s.kill()
	h := openAfterCrashes(t, installation.Location{Data: dir})
	defer h.close()
	c.checkCalendar(h)
	checkLog(h)
}

// TestFollowerWaitsForRoom fills the disk of the read models only, so that a follower meets it first. The server goes
// on, and the read models catch up once there is room.
func TestFollowerWaitsForRoom(t *testing.T) {
	disk := smallDisk(t, "4")
	at := installation.Location{Data: t.TempDir(), Views: "sqlite:" + filepath.Join(disk, "views.db")}
	c := newCrowd(t, at, time.Now())
	s := serving(t, at)
	s.key = c.key
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	n := 0
	waitUntil(t, "the read models to wait for room", func() bool {
		w := c.request(c.now, n)
		n++
		if got := c.send(s, w); got.status == http.StatusCreated {
			c.note(t, w, got)
		}
		return s.troubled("the disk is full")
	})
	if !s.alive() {
		t.Fatalf("the server ended: %s", s.errs.String())
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "health to be well again", func() bool { return s.get("/health").text("status") == "serving" })
	s.kill()
	h := openAfterCrashes(t, at)
	defer h.close()
	c.checkCalendar(h)
	checkLog(h)
}

// bookUntilRefused books one request after another. It calls before with the number of requests so far.
func (c *crowd) bookUntilRefused(s *server, before func(n int)) response {
	for n := 0; ; n++ {
		before(n)
		w := c.request(c.now, n)
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
