/** What happens in the fleet, told: typed events, their log, and the ways to subscribe to them. */
package io.muster.hub.events;
