/* Private to panel_read.c. */
#pragma once

#include "codec/json_source.h"
#include "market/panel.h"

bool panel_csv_read(JsonSource from, Panel *p, CvkErr *err) MUST_USE;
