package live

import "slices"

// Topic is a part of what a page shows.
type Topic string

// The topics. What a page shows of a topic may have changed when a change names it.
const (
	Calendar  Topic = "calendar"
	Messages  Topic = "messages"
	Calls     Topic = "calls"
	Credits   Topic = "credits"
	Clients   Topic = "clients"
	Work      Topic = "work"
	Settings  Topic = "settings"
	Outages   Topic = "outages"
	Providers Topic = "providers"
	Windows   Topic = "windows"
	Alerts    Topic = "alerts"
	People    Topic = "people"
)

// topics says which topics an event changes. A new type of event needs a line here.
var topics = map[string][]Topic{
	"AccountOpened": {Settings}, "AccountSettingsChanged": {Settings, Calendar}, "ReminderRulesSet": {Settings},
	"TemplateSet": {Settings}, "AccountClosed": {Settings}, "TextLimitsSet": {Settings},

	"ClientRegistered": {Clients}, "ContactChanged": {Clients, Calendar, Calls}, "SmsOptedOut": {Clients},
	"SmsOptedIn": {Clients}, "ClientErased": {Clients, Calendar, Calls, Messages, Work},
	"NumberOptedOut": {Clients}, "NumberOptedIn": {Clients},

	"ServiceDefined": {Settings}, "ServiceChanged": {Settings, Calendar}, "ServiceRetired": {Settings, Calendar},
	"ServiceReinstated": {Settings, Calendar},
	"ResourceAdded":     {Settings, Calendar}, "ResourceChanged": {Settings, Calendar},
	"ResourceRetired": {Settings, Calendar}, "ResourceReinstated": {Settings, Calendar},
	"WeeklyHoursSet": {Settings, Calendar}, "TimeBlockAdded": {Settings, Calendar},
	"TimeBlockRemoved": {Settings, Calendar},

	"UnitsHeld": nil, "UnitsReleased": nil, // the appointment says so too

	"Requested": {Calendar}, "Booked": {Calendar}, "Abandoned": {Calendar}, "Declined": {Calendar},
	"RescheduleRequested": {Calendar}, "Rescheduled": {Calendar, Calls, Work}, "RescheduleAbandoned": {Calendar},
	"Cancelled": {Calendar, Calls, Work}, "Confirmed": {Calendar, Calls}, "Arrived": {Calendar, Calls, Work},
	"Fulfilled": {Calendar, Calls, Work}, "MarkedNoShow": {Calendar, Calls, Work}, "NoteAdded": {Calendar},
	"RulesOverridden": {Calendar}, "MarkCleared": {Calendar, Calls, Work}, "Reinstated": {Calendar, Calls, Work},
	"LinksRevoked": {Calendar}, "AttentionNeeded": {Calendar, Work}, "AttentionSettled": {Calendar, Work},

	"ReminderQueued": {Messages, Calendar}, "NoticeQueued": {Messages, Calendar, Alerts},
	"MessageSuppressed": {Messages, Calendar, Calls}, "MessageDeferred": {Messages},
	"MessageReplaced": {Messages, Calendar, Calls}, "SmsAttempted": {Messages}, "SmsSent": {Messages, Calendar, Calls},
	"SmsAttemptFailed": {Messages}, "SmsFailed": {Messages, Calendar, Calls},
	"DeliveryReported": {Messages, Calendar, Calls}, "MailSent": {Messages, Calendar, Calls},
	"MailDelayed": {Messages}, "MailFailed": {Messages, Calendar, Calls}, "MailBounced": {Messages, Calendar, Calls},
	"ContactedManually": {Messages, Calendar, Calls, Alerts}, "ReplyReceived": {Messages},

	"CreditsPurchased": {Credits}, "CreditsGranted": {Credits}, "GrantExpired": {Credits}, "CreditsHeld": {Credits},
	"HoldWaived": {Credits}, "HoldRefused": {Credits}, "HoldReleased": {Credits}, "CreditsCharged": {Credits},
	"ChargeWaived": {Credits}, "AcceptanceAbsorbed": {Credits}, "CreditRefunded": {Credits},
	"RefundReversed": {Credits}, "ManualRefundIssued": {Credits}, "NonDeliveryProven": {Credits},
	"GoodwillKept": {Credits}, "LowBalanceWarned": {Credits, Alerts}, "PeriodClosed": {Credits},

	"RefundWindowProposed": {Windows}, "RefundWindowDeclared": {Windows, Credits},
	"RefundWindowAmended": {Windows, Credits}, "RefundWindowRevoked": {Windows, Credits},

	"ProviderRegistered": {Providers}, "ProviderChanged": {Providers}, "ProviderConfigured": {Providers},
	"ProviderSecretSet": {Providers}, "ProviderSecretDropped": {Providers}, "ProviderDisabled": {Providers},
	"ProviderEnabled": {Providers}, "RouteSet": {Providers}, "RouteSwitched": {Providers}, "RouteRestored": {Providers},

	"OutageSuspected": {Outages}, "OutageDetected": {Outages, Providers, Calls, Calendar, Alerts},
	"OutageCleared": {Outages, Providers, Calls, Calendar, Alerts}, "CellOverridden": {Outages, Providers},
	"CellOverrideEnded": {Outages, Providers},

	"KeyIssued": {People}, "KeyRevoked": {People}, "MemberInvited": {People}, "MemberJoined": {People},
	"MemberRoleChanged": {People}, "MemberRemoved": {People}, "MemberErased": {People}, "PasskeyAdded": {People},
	"PasskeyRemoved": {People},

	"WebhookSet": {Settings}, "WebhookSecretSet": {Settings}, "WebhookDisabled": {Settings, Alerts},
	"WebhookEnabled": {Settings}, "WebhookRemoved": {Settings},

	// A visitor who fills in a form. What they book is in the calendar by the appointment.
	"StartHeld": nil, "HoldExtended": nil, "DetailsGiven": nil, "HoldEnded": nil,

	"CalendarFeedRotated": {Settings}, "CalendarFeedTurnedOff": {Settings},
	"PageSet": {Settings}, "PageLogoSet": {Settings}, "PageLogoRemoved": {Settings}, "PageAddressClaimed": {Settings},
}

// hidden are the topics that a role is not told of, because it may not read what they are about.
var hidden = map[string][]Topic{
	"staff":   {Windows, People},
	"billing": {Calendar, Calls, Clients, Work, Alerts, People},
}

// sees reports whether a role is told of a topic.
func sees(role string, topic Topic) bool { return !slices.Contains(hidden[role], topic) }

// seesIDs reports whether a role is told which appointments and messages changed.
func seesIDs(role string) bool { return role != "billing" }
