package people

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/team"
)

// maxLinks bounds the links in one email. Nobody works for more businesses.
const maxLinks = 10

// SendInvitation sends a member the link by which they join, or by which they sign in if they have joined.
func (p *People) SendInvitation(ctx context.Context, at Place) error {
	member, ok, err := p.present(ctx, at)
	if err == nil && !ok {
		err = team.ErrUnknown
	}
	if err != nil {
		return err
	}
	link, err := p.link(ctx, at, linkValid)
	if err != nil {
		return err
	}
	of, err := p.account(ctx, at.Account)
	if err != nil {
		return err
	}
	in := wordsOf(of.Locale)
	subject, text := in.invite, in.invited
	if member.Joined {
		subject, text = in.signIn, in.asked
	}
	return p.mail(ctx, member.Email.Reveal(), of, subject, text, []string{link})
}

// Ask sends a sign-in link to somebody with an address, for each of their teams. It returns at once and the same for
// every address, so that nobody learns who is a member. It refuses an address that was asked for too often, known or
// not.
func (p *People) Ask(ctx context.Context, email string) error {
	if !p.asked.allow(strings.ToLower(email), p.Engine.Now()) {
		return ErrAskedOften
	}
	select {
	case p.sending <- struct{}{}:
	default:
		return commands.ErrBusy
	}
	p.running.Go(func() {
		defer func() { <-p.sending }()
		// The request ends before the email is sent.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailTimeout)
		defer cancel()
		if err := p.sendLinks(ctx, email); err != nil && p.Log != nil {
			p.Log.Error("a sign-in link could not be sent", "error", err)
		}
	})
	return nil
}

// Wait waits for the emails that are being sent.
func (p *People) Wait() { p.running.Wait() }

// sendLinks sends the links of all teams of an address in one email. It sends nothing to an address of nobody.
func (p *People) sendLinks(ctx context.Context, email string) error {
	places, err := p.Directory.WithEmail(ctx, email)
	if err != nil {
		return err
	}
	var links []string
	var of account.State
	var to string
	for _, at := range places[:min(len(places), maxLinks)] {
		member, ok, err := p.present(ctx, at)
		if err != nil {
			return err
		}
		if !ok || !team.SameEmail(member.Email.Reveal(), email) {
			continue
		}
		link, err := p.link(ctx, at, linkValid)
		if err != nil {
			return err
		}
		if of, err = p.account(ctx, at.Account); err != nil {
			return err
		}
		to = member.Email.Reveal()
		if len(places) > 1 {
			link = nameOf(of) + ": " + link
		}
		links = append(links, link)
	}
	if len(links) == 0 {
		return nil
	}
	in := wordsOf(of.Locale)
	return p.mail(ctx, to, of, in.signIn, in.asked, links)
}

func (p *People) account(ctx context.Context, id domain.AccountID) (account.State, error) {
	if id.IsZero() {
		return account.State{}, nil
	}
	of, _, err := commands.Load(ctx, p.Engine, account.Decider, account.Stream(id))
	return of, err
}

// nameOf returns the name of an account, or that of the product for the installation.
func nameOf(of account.State) string {
	if name := of.Name.Reveal(); name != "" {
		return name
	}
	return "ClickBook"
}

func (p *People) mail(ctx context.Context, to string, of account.State, subject, text string, links []string) error {
	name := nameOf(of)
	// Each email has an id of its own: a second one is no repeat of the first.
	reference := domain.DeriveUUID("sign-in mail", newSecret())
	err := p.Mailer.Mail(ctx, messaging.Mail{
		Reference: reference.String(), To: to, At: p.Engine.Now(), FromName: of.Name.Reveal(), Urgent: true,
		Subject: strings.ReplaceAll(subject, "%s", name),
		Body:    strings.ReplaceAll(text, "%s", name) + "\n\n" + strings.Join(links, "\n\n") + "\n",
	})
	if err != nil {
		if p.Log != nil {
			p.Log.Error("the mail server did not take an email", "mail", uuid.UUID(reference), "error", err)
		}
		return ErrMail
	}
	return nil
}

// mailWords are what the emails say in one language. %s is the name of the business.
type mailWords struct{ invite, invited, signIn, asked string }

func wordsOf(locale string) mailWords {
	language, _, _ := strings.Cut(locale, "-")
	if found, ok := languages[language]; ok {
		return found
	}
	return languages["en"]
}

var languages = map[string]mailWords{
	"en": {
		invite: "Join %s on ClickBook",
		invited: "You are invited to work with %s on ClickBook. Open this link to join. It works once, within a week.\n" +
			"If you did not expect this, ignore it: nothing happens without the link.",
		signIn: "Sign in to %s",
		asked: "Open this link to sign in to %s. It works once, within 15 minutes.\n" +
			"If you did not ask for it, ignore it: nobody can sign in without the link.",
	},
	"de": {
		invite: "Einladung zu %s auf ClickBook",
		invited: "Sie sind eingeladen, mit %s auf ClickBook zu arbeiten. Öffnen Sie diesen Link, um beizutreten. Er gilt " +
			"einmal, eine Woche lang.\nWenn Sie das nicht erwartet haben, tun Sie nichts: ohne den Link geschieht nichts.",
		signIn: "Anmelden bei %s",
		asked: "Öffnen Sie diesen Link, um sich bei %s anzumelden. Er gilt einmal, 15 Minuten lang.\n" +
			"Wenn Sie ihn nicht angefordert haben, tun Sie nichts: ohne den Link kann sich niemand anmelden.",
	},
	"es": {
		invite: "Invitación a %s en ClickBook",
		invited: "Le invitan a trabajar con %s en ClickBook. Abra este enlace para unirse. Sirve una sola vez, durante una " +
			"semana.\nSi no lo esperaba, no haga nada: sin el enlace no ocurre nada.",
		signIn: "Entrar en %s",
		asked: "Abra este enlace para entrar en %s. Sirve una sola vez, durante 15 minutos.\n" +
			"Si no lo pidió, no haga nada: sin el enlace nadie puede entrar.",
	},
	"fr": {
		invite: "Invitation à %s sur ClickBook",
		invited: "Vous êtes invité à travailler avec %s sur ClickBook. Ouvrez ce lien pour rejoindre l’équipe. Il ne sert " +
			"qu’une fois, pendant une semaine.\nSi vous ne l’attendiez pas, ne faites rien : sans le lien, il ne se passe rien.",
		signIn: "Connexion à %s",
		asked: "Ouvrez ce lien pour vous connecter à %s. Il ne sert qu’une fois, pendant 15 minutes.\n" +
			"Si vous ne l’avez pas demandé, ne faites rien : sans le lien, personne ne peut se connecter.",
	},
	"pt": {
		invite: "Convite para %s no ClickBook",
		invited: "Você foi convidado a trabalhar com %s no ClickBook. Abra este link para participar. Ele funciona uma " +
			"vez, durante uma semana.\nSe você não esperava isto, não faça nada: sem o link nada acontece.",
		signIn: "Entrar em %s",
		asked: "Abra este link para entrar em %s. Ele funciona uma vez, durante 15 minutos.\n" +
			"Se você não pediu, não faça nada: sem o link ninguém pode entrar.",
	},
}
