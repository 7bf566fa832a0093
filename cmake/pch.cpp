// The precompiled header needs a target of its own to be built in.
