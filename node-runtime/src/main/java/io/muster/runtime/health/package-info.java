/** Whether a process can do its work, found out by a few checks and told as JSON. */
package io.muster.runtime.health;
