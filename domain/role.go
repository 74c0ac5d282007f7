package domain

// Roles of those who use the engine: holders of keys and members of teams alike. They are stored.
const (
	RoleOwner   = "owner"
	RoleStaff   = "staff"
	RoleBilling = "billing"
	RoleAdmin   = "admin" // of the installation
)
