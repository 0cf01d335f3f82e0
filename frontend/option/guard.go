package option

// Names of the keys that say who may have a token.
const (
	KeyImageTrust = "image-trust"
	KeyAppSecrets = "app-secrets"
)

// KeyMode says whether there is an agent at all.
const KeyMode = keyMode

// guards are the keys that say who may have a token.
var guards = []key{
	{
		name: KeyImageTrust, about: "what becomes of an image whose environment decides where `dt-start` sends the token of whoever starts a container ([which variables](dt-start.md#what-the-image-itself-sets))",
		words: []word{
			{warn, "the build warns, and `dt-start` sends no token that way"},
			{refuse, "the build fails"},
			{"allow", "`dt-start` trusts the image"},
		},
		set: func(o *Options, v []string) { o.ImageTrust = ImageTrust(unless(v[0], warn)) },
		get: func(o *Options) string { return orElse(string(o.ImageTrust), warn) },
	},
	{
		name: KeyAppSecrets, about: "what becomes of a build in which a step of the app is given one of the agent's secrets, in a base image's `ONBUILD` too",
		words: []word{
			{refuse, "it fails before any step of the app runs"},
			{warn, "it warns; a lint directive can skip that"},
		},
		set: func(o *Options, v []string) { o.AppSecrets = v[0] == warn },
		get: func(o *Options) string { return choice(o.AppSecrets, warn, refuse) },
	},
}
