// Package esdb_test replaces the client's test file of this name, which starts containers. It connects the client's
// tests to servers that already run. The test that runs them copies this file.
package esdb_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Container is a server for a test.
type Container struct{ Endpoint string }

func (*Container) Close() {}

type generator struct {
	mu sync.Mutex
	n  int
}

// Generate returns a stream name that no other test of this run has.
func (g *generator) Generate() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n++
	return fmt.Sprintf("stream-%d-%d", os.Getpid(), g.n)
}

var NAME_GENERATOR = &generator{}

func GetEnvOrDefault(key, otherwise string) string {
	if value, found := os.LookupEnv(key); found {
		return value
	}
	return otherwise
}

// IsESDBVersion20 reports false: no server here is from 2020.
func IsESDBVersion20() bool { return false }

func CreateClient(connection string, t *testing.T) *esdb.Client {
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		t.Fatal(err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func GetClient(t *testing.T, container *Container) *esdb.Client {
	return CreateClient(strings.Replace(os.Getenv("SUITE_CONNECTION"), "HOST", container.Endpoint, 1), t)
}

// WaitForAdminToBeAvailable skips the tests with encryption.
func WaitForAdminToBeAvailable(t *testing.T, _ *esdb.Client) { t.Skip("there is no administrator") }

func CreateEmptyDatabase(t *testing.T) (*Container, *esdb.Client) { return next(t, "SUITE_EMPTY") }

// CreatePopulatedDatabase returns nil if there is no server with the data. The tests are skipped then.
func CreatePopulatedDatabase(t *testing.T) (*Container, *esdb.Client) {
	return next(t, "SUITE_POPULATED")
}

var taken sync.Map

// next returns the next server of a list, so that each test gets one that no other test has written to.
func next(t *testing.T, list string) (*Container, *esdb.Client) {
	if os.Getenv(list) == "" {
		return nil, nil
	}
	servers := strings.Split(os.Getenv(list), ",")
	for _, server := range servers {
		if _, loaded := taken.LoadOrStore(list+server, true); !loaded || len(servers) == 1 {
			container := &Container{Endpoint: server}
			return container, GetClient(t, container)
		}
	}
	t.Fatalf("%s holds too few servers", list)
	return nil, nil
}
