package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
)

// newRoute returns the commands about routes. A switch is in force for the next text.
func newRoute(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "route", Short: "List, set, switch and restore the providers of a country"}
	group.AddCommand(
		newRouteList(std, getenv), newRouteSet(std, getenv), newRouteSwitch(std, getenv), newRouteRestore(std, getenv),
	)
	return group
}

// shownRoute is a route as the API shows it.
type shownRoute struct {
	Country   string
	Providers []string
	Terms     []struct {
		Provider string
		Weight   int
		Sender   string
	}
	SwitchedTo    string    `json:"switched_to"`
	SwitchedUntil time.Time `json:"switched_until"`
	Reason        string
}

func newRouteList(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use: "list", Short: "List the routes, with the providers in the order in which they are tried now",
		Args: cobra.NoArgs,
	}, std, getenv, func(ctx context.Context, server remote.Server, _ []string) error {
		return printRoutes(ctx, std.Out, server, "")
	})
}

// printRoutes prints the route of a country, or all routes.
func printRoutes(ctx context.Context, out io.Writer, server remote.Server, country string) error {
	var list struct{ Items []shownRoute }
	if err := server.Get(ctx, "/routes", nil, &list); err != nil {
		return err
	}
	for _, one := range list.Items {
		if country == "" || one.Country == country {
			one.print(out)
		}
	}
	if len(list.Items) == 0 {
		fmt.Fprintln(out, "there are no routes, so texts wait; clickbook route set makes one, ZZ for all countries")
	}
	return nil
}

func (r shownRoute) print(out io.Writer) {
	fmt.Fprintf(out, "%s\t%s\n", r.Country, strings.Join(r.Providers, ", "))
	for _, term := range r.Terms {
		fmt.Fprintf(out, "  %s gets %d of 1000", term.Provider, term.Weight)
		if term.Sender != "" {
			fmt.Fprintf(out, ", from %s", term.Sender)
		}
		fmt.Fprintln(out)
	}
	if r.SwitchedTo != "" {
		until := "until it is restored"
		if !r.SwitchedUntil.IsZero() {
			until = "until " + r.SwitchedUntil.Format(time.RFC3339)
		}
		fmt.Fprintf(out, "  switched to %s %s: %s\n", r.SwitchedTo, until, r.Reason)
	}
}

func newRouteSet(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use:   "set COUNTRY PROVIDER[=WEIGHT[,SENDER]] …",
		Short: "Set the providers of a country, the first choice first",
		Long: `Sets the providers of a country, such as BR, or ZZ for every country without a route of its own. Weights are
thousandths that sum to 1000; without them, every provider after the first gets 10, so that its quality is known. It
ends a switch.`,
		Example: "  clickbook route set US main=950,+15005550006 spare=50,+15005550007",
		Args:    cobra.MinimumNArgs(2),
	}, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		body, err := routeTerms(args[1:])
		if err != nil {
			return cli.AsUsage(err)
		}
		if err := server.Put(ctx, "/routes/"+args[0], body); err != nil {
			return err
		}
		return printRoutes(ctx, std.Out, server, args[0])
	})
}

// routeTerms parses PROVIDER[=WEIGHT[,SENDER]], all with a weight or none.
func routeTerms(given []string) (map[string]any, error) {
	var names []string
	var terms []map[string]any
	for _, one := range given {
		name, rest, weighted := strings.Cut(one, "=")
		names = append(names, name)
		if !weighted {
			continue
		}
		weight, sender, _ := strings.Cut(rest, ",")
		thousandths, err := strconv.Atoi(weight)
		if err != nil {
			return nil, fmt.Errorf("invalid weight %q of %s: write thousandths, such as 950", weight, name)
		}
		term := map[string]any{"provider": name, "weight": thousandths}
		if sender != "" {
			term["sender"] = sender
		}
		terms = append(terms, term)
	}
	body := map[string]any{"providers": names}
	switch len(terms) {
	case 0:
	case len(names):
		body["terms"] = terms
	default:
		return nil, errors.New("give every provider a weight, or none")
	}
	return body, nil
}

func newRouteSwitch(std cli.Streams, getenv func(string) string) *cobra.Command {
	var reason string
	var lasting time.Duration
	cmd := &cobra.Command{
		Use:     "switch COUNTRY PROVIDER --reason TEXT",
		Short:   "Put one provider first, from the next text on",
		Example: "  clickbook route switch US spare --reason 'main is banned' --for 24h",
		Args:    cobra.ExactArgs(2),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why")
	cmd.Flags().DurationVar(&lasting, "for", 0, "how long, at most 168h; without it, until it is restored")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		body := map[string]any{"provider": args[1], "reason": reason}
		if lasting > 0 {
			body["until"] = time.Now().Add(lasting).UTC().Format(time.RFC3339)
		}
		if err := server.Post(ctx, "/routes/"+args[0]+"/switch", body, nil); err != nil {
			return err
		}
		return printRoutes(ctx, std.Out, server, args[0])
	})
}

func newRouteRestore(std cli.Streams, getenv func(string) string) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "restore COUNTRY --reason TEXT", Short: "End a switch", Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		if err := server.Post(ctx, "/routes/"+args[0]+"/restore", map[string]string{"reason": reason}, nil); err != nil {
			return err
		}
		return printRoutes(ctx, std.Out, server, args[0])
	})
}
