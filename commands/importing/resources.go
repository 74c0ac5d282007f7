package importing

import (
	"context"
	"slices"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections/fold"
)

// resources finds the resources of an account by name, and adds those that are missing.
type resources struct {
	*Importer
	units int // 0 if the caller did not say
	hours resource.Hours
	ids   map[string]domain.ResourceID // by fold.Identity of the name
	added map[domain.ResourceID]bool   // by this import
	names []string                     // of those
}

func newResources(im *Importer, units int, hours resource.Hours) *resources {
	return &resources{
		Importer: im, units: units, hours: hours,
		ids: make(map[string]domain.ResourceID), added: make(map[domain.ResourceID]bool),
	}
}

// learn takes in what the account has, and raises the units of the resources that imports have added.
func (r *resources) learn(ctx context.Context, known []KnownResource) error {
	for _, one := range slices.Backward(known) { // the first of a name is set last
		r.ids[fold.Identity(one.Name)] = one.ID
	}
	for _, one := range known {
		id := one.ID
		if r.units == 0 || id != r.idOf(one.Name) && id != r.legacyResource(one.Name) {
			continue
		}
		state, _, err := commands.Load(ctx, r.Engine, resource.Decider, resource.Stream(id))
		if err != nil {
			return err
		}
		if state.Retired || state.Units >= r.units {
			continue
		}
		profile := state.Profile
		profile.Units = r.units
		origin := r.as("units", id, r.units)
		if _, err := r.Engine.Do(ctx, origin, resource.Change{Resource: id, Profile: profile}); err != nil {
			return err
		}
	}
	return nil
}

// idOf returns the id of a resource that an import adds under a name.
func (r *resources) idOf(name string) domain.ResourceID {
	return domain.DeriveID[domain.ResourceID](r.account, "imported resource",
		r.fingerprint("resource name", fold.Identity(name)))
}

// find returns the resource with a name. It adds a missing one, open every day.
func (r *resources) find(ctx context.Context, name string) (domain.ResourceID, error) {
	if id, ok := r.ids[fold.Identity(name)]; ok {
		return id, nil
	}
	profile, err := resource.NewProfile(name, "staff", max(r.units, 1))
	if err != nil {
		return domain.ResourceID{}, err
	}
	id := r.idOf(name)
	hours, err := resource.NewWeeklyHours(id, r.settings.Zone, []resource.Hours{r.hours})
	if err != nil {
		return id, err
	}
	for i, cmd := range []domain.Command{resource.Add{Resource: id, Account: r.account, Profile: profile}, hours} {
		if _, err := r.Engine.Do(ctx, r.as("resource", id, i), cmd); err != nil {
			return id, err
		}
	}
	r.ids[fold.Identity(name)], r.added[id] = id, true
	r.names = append(r.names, name)
	return id, nil
}
