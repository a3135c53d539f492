/** What a hub and a worker do alike to be a process of the fleet. */
package io.muster.runtime;
