package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience limits every wait for a server that starts or stops.
const patience = time.Minute

// Server is a PostgreSQL cluster of one test, on a fixed port. It syncs to the disk like a real one. If the process
// of the test dies, a watchdog stops the server and removes its files.
type Server struct {
	t        testing.TB
	dir      string // holds data, the sockets and the log
	port     int
	binaries binaries
	postgres *exec.Cmd
	exited   chan struct{} // closed when the postmaster has exited
	watchdog *exec.Cmd
	leash    io.Closer // the watchdog acts when this is closed
	settings []string  // additional settings: name=value
}

// Start creates and starts a cluster, with additional settings such as "autovacuum=off". It is stopped and removed
// when the test ends.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := newServer(t, settings...)
	t.Cleanup(func() { s.remove(t) })
	return s
}

// URL returns the URL of a database of the cluster, without a schema.
func (s *Server) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

// Port returns its port on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// Dir returns the directory of the cluster's configuration (postgresql.conf, pg_hba.conf), which a test may change
// before Reload.
func (s *Server) Dir() string { return filepath.Join(s.dir, "data") }

// Stop ends every session and shuts down in order (fast mode), or aborts and recovers at the next start (immediate
// mode). It returns when the postmaster has exited.
func (s *Server) Stop(immediate bool) {
	s.t.Helper()
	if immediate {
		s.end(syscall.SIGQUIT)
	} else {
		s.end(syscall.SIGINT)
	}
}

// Kill kills the postmaster (SIGKILL). Its children notice and exit a little later.
func (s *Server) Kill() {
	s.t.Helper()
	s.end(syscall.SIGKILL)
}

// Start starts the server after Stop or Kill, and returns when it accepts connections.
func (s *Server) Start() {
	s.t.Helper()
	// After a kill the children of the old postmaster may still hold its shared memory, so the new one refuses to start.
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if err = s.start(); err == nil {
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Fatalf("PostgreSQL does not start: %v\n%s", err, log[max(0, len(log)-4000):])
}

func newServer(t testing.TB, settings ...string) *Server {
	t.Helper()
	found, err := find()
	if err != nil {
		missing(t, "no PostgreSQL runs at 127.0.0.1:5432, or a test needs its own, and none can be started: %v",
			err)
	}
	dir, err := os.MkdirTemp("", "pgtest") // short: the path of a socket is at most about 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: dir, binaries: found, settings: settings}
	if err := s.initialise(); err != nil {
		_ = os.RemoveAll(dir)
		t.Fatalf("create a PostgreSQL cluster: %v", err)
	}
	s.Start()
	return s
}

func (s *Server) initialise() (err error) {
	if s.port, err = freePort(); err != nil {
		return err
	}
	if err := s.binaries.own(s.dir); err != nil {
		return err
	}
	if err := s.watch(); err != nil {
		return err
	}
	initdb := s.binaries.command("initdb", "--pgdata", s.Dir(), "--auth=trust", "--username=postgres", "--encoding=UTF8",
		"--no-locale", "--no-sync")
	if said, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, said)
	}
	return nil
}

// watch starts the watchdog, which stops the server when this process dies.
func (s *Server) watch() (err error) {
	s.watchdog = exec.Command("/bin/sh", "-c", `cat >/dev/null
		pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
		n=0; while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done
		rm -rf "$1"`, "sh", s.dir)
	s.watchdog.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // not interrupted by ^C at the terminal
	if s.leash, err = s.watchdog.StdinPipe(); err != nil {
		return err
	}
	return s.watchdog.Start()
}

func (s *Server) start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	args := []string{"-D", s.Dir(), "-k", s.dir, "-p", strconv.Itoa(s.port)}
	for _, setting := range append([]string{
		"listen_addresses=127.0.0.1", "fsync=on", "max_connections=100", "shared_buffers=32MB",
	}, s.settings...) {
		args = append(args, "-c", setting)
	}
	s.postgres = s.binaries.command("postgres", args...)
	s.postgres.Stdout, s.postgres.Stderr = log, log
	if err := s.postgres.Start(); err != nil {
		return err
	}
	s.exited = make(chan struct{})
	go func() {
		defer close(s.exited)
		_ = s.postgres.Wait() // the log says how it ended
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return errors.New("it exited at once")
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) end(signal syscall.Signal) {
	s.t.Helper()
	if err := s.postgres.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Errorf("stop PostgreSQL: %v", err)
	}
	select {
	case <-s.exited:
	case <-time.After(patience):
		s.t.Fatalf("PostgreSQL does not stop after %v", signal)
	}
}

// remove makes the watchdog stop the server and remove its files.
func (s *Server) remove(t testing.TB) {
	if err := s.leash.Close(); err != nil {
		t.Errorf("stop PostgreSQL: %v", err)
	}
	if err := s.watchdog.Wait(); err != nil {
		t.Errorf("stop PostgreSQL: %v", err)
	}
	if s.exited != nil {
		<-s.exited
	}
}

// freePort returns an unused port of the loopback interface.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// binaries are the programs of PostgreSQL and the user who runs them. PostgreSQL refuses to run as root.
type binaries struct {
	dir  string
	user *syscall.Credential
}

// find looks for the programs in the PATH and where Debian installs them, the newest first.
func find() (binaries, error) {
	var found binaries
	dirs := installed()
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append([]string{filepath.Dir(path)}, dirs...)
	}
	for _, dir := range dirs {
		_, initdb := os.Stat(filepath.Join(dir, "initdb"))
		_, postgres := os.Stat(filepath.Join(dir, "postgres"))
		if initdb == nil && postgres == nil {
			found.dir = dir
			break
		}
	}
	if found.dir == "" {
		return found, errors.New("neither the PATH nor /usr/lib/postgresql has initdb and postgres")
	}
	if os.Geteuid() == 0 {
		user, err := ordinary()
		if err != nil {
			return found, err
		}
		found.user = user
	}
	return found, nil
}

func installed() []string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	return dirs
}

func (b binaries) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(b.dir, name), args...)
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Credential: b.user, Setpgid: true}
	return command
}

// own makes the user who runs the server the owner of a directory.
func (b binaries) own(dir string) error {
	if b.user == nil {
		return nil
	}
	return os.Chown(dir, int(b.user.Uid), int(b.user.Gid))
}
