"""An hour of an ordinary office's load on one `dondoc serve`: does its memory stay flat, and is no letter lost?"""
