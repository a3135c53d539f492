/** The settings that a hub changes while this worker runs. */
package io.muster.worker.config;
