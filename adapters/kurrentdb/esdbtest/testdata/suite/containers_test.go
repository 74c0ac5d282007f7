// Package esdb_test gives the client's own test files servers that run already, where the file of that name starts
// containers. The test that runs them copies this file in its place.
package esdb_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Container is a server that a test may connect to.
type Container struct{ Endpoint string }

func (*Container) Close() {}

type generator struct {
	mu sync.Mutex
	n  int
}

// Generate gives a stream a name that no other test of this run has.
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

// IsESDBVersion20 is about servers of 2020, which is none of ours.
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

// WaitForAdminToBeAvailable is for the tests with encryption, which are not run.
func WaitForAdminToBeAvailable(t *testing.T, _ *esdb.Client) { t.Skip("there is no administrator") }

func CreateEmptyDatabase(t *testing.T) (*Container, *esdb.Client) { return next(t, "SUITE_EMPTY") }

// CreatePopulatedDatabase gives no server where there is none with the data the tests expect: they skip then.
func CreatePopulatedDatabase(t *testing.T) (*Container, *esdb.Client) {
	return next(t, "SUITE_POPULATED")
}

var taken sync.Map

// next takes the next server of a list: each test that asks gets one that no other has written to.
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
