/** The event bus as Muster uses it: addresses, one codec, failures, and the four verbs of Bus. */
package io.muster.bus;
