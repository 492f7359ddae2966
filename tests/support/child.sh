#!/bin/sh
# What tests let hosts start: does what the file beside the link to it says. Nobody writes this file, so it is never
# "busy", however many children begin while a test changes what they do.
. "$0.sh"
