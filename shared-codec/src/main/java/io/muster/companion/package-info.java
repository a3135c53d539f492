/** What hubs and companions that speak for themselves say to each other. */
package io.muster.companion;
