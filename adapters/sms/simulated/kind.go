package simulated

import (
	"errors"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
)

// Kind returns the kind of the network's providers. They need no configuration. The network may be nil for a tool that
// sends nothing.
func Kind(network *Network) sms.Kind {
	return sms.Kind{
		Name: "simulated", Title: "a simulated provider, for trials: it sends nothing",
		Open: func(config sms.Config) (messaging.Provider, error) {
			if network == nil {
				return nil, errors.New("this program sends no texts")
			}
			return network.Provider(config.Provider), nil
		},
	}
}
