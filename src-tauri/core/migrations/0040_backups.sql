-- What sweeps did to backups.

ALTER TABLE sweep ADD COLUMN backups_rewritten INTEGER NOT NULL DEFAULT 0; -- without what lists name now
ALTER TABLE sweep ADD COLUMN backups_dropped   INTEGER NOT NULL DEFAULT 0; -- damaged, or no room to write them anew
ALTER TABLE sweep ADD COLUMN backups_unreached INTEGER NOT NULL DEFAULT 0; -- on disks that were not there
