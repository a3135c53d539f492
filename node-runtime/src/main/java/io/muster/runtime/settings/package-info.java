/** Settings: the catalogue of all there are, and how a process finds and checks its own. */
package io.muster.runtime.settings;
