/** Nodes' figures over time, kept in the database at several resolutions, to be charted. */
package io.muster.hub.history;
