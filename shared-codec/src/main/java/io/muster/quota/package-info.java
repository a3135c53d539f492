/** What hubs tell each other about quotas. */
package io.muster.quota;
